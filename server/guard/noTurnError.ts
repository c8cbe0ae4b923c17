/** Waited in vain for a turn, or too many wait already. */
export class NoTurnError extends Error {
  constructor(readonly why: 'long' | 'many') {
    super(
      why === 'long'
        ? 'The question waited too long for its turn.'
        : 'You ask too much at once: your earlier questions are not answered yet.',
    )
  }
}
