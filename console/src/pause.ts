export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Does the work again and again, `ms` after the last time ended, until the function returned is called. */
export function repeat(ms: number, work: () => Promise<void>): () => void {
  const controller = new AbortController()
  void (async () => {
    while (!controller.signal.aborted) {
      await work()
      await pause(ms)
    }
  })()
  return () => controller.abort()
}
