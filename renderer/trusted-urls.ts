/**
 * The page's policy wants trusted types: nothing that is a mere text may become a script or the address of one. Workers are
 * the only scripts that the page starts by address, and only its own built files are let through; markup never is.
 */
interface Policies {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown
}

export function allowOwnWorkers(policies = (globalThis as { trustedTypes?: Policies }).trustedTypes): void {
  policies?.createPolicy('default', {
    createScriptURL(address) {
      const { origin, pathname } = new URL(address, location.href)
      if (origin === location.origin && /^\/assets\/[\w-]+\.js$/.test(pathname)) return address
      throw new TypeError(`${address} is no script of this page.`)
    }
  })
}
