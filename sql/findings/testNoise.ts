/** Normal numbers by a seed, for tests. */
export function testNoise(seed: number): () => number {
  let state = seed * 2654435761
  const uniform = () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 13), 3266489917)
    mixed = (mixed ^ (mixed >>> 16)) >>> 0
    return (mixed + 0.5) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}
