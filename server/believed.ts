/** Asks again only when the last answer is older than `age` milliseconds; a failure is not kept. */
export function believedFor<T>(age: number, ask: () => Promise<T>): () => Promise<T> {
  let asked = Number.NEGATIVE_INFINITY
  let kept: Promise<T> | undefined
  return () => {
    const now = performance.now()
    if (!kept || now - asked > age) {
      asked = now
      const answer = ask()
      kept = answer
      answer.catch(() => {
        if (kept === answer) kept = undefined
      })
    }
    return kept
  }
}
