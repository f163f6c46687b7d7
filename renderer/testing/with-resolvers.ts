/** What every Chromium has and Node 20, where the tests run, has not. */
Promise.withResolvers ??= function withResolvers<T>() {
  let [resolve, reject] = [undefined, undefined] as unknown as [
    (value: T | PromiseLike<T>) => void,
    (reason?: unknown) => void
  ]
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle))
  return { promise, resolve, reject }
}
