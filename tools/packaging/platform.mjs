/**
 * The platform that is packed for, in Node's words: electron-builder's own macro of that name is the computer's that packs.
 * Throws where several are asked for at once, since each wants native packages of its own.
 * @param {readonly string[]} args
 * @param {string} own
 */
export function platformOf(args, own) {
  const flags = new Map([
    ['linux', 'linux'],
    ['mac', 'darwin'],
    ['macos', 'darwin'],
    ['win', 'win32'],
    ['windows', 'win32'],
    ['l', 'linux'],
    ['m', 'darwin'],
    ['o', 'darwin'],
    ['w', 'win32']
  ])
  const named = new Set(
    args.flatMap(arg => {
      const [, name] = /^--?([a-z]+)(?:=.*)?$/.exec(arg) ?? []
      return flags.get(name ?? '') ?? []
    })
  )
  if (named.size > 1)
    throw new Error(`One platform can be packed at a time; ${[...named].join(' and ')} were asked for.`)
  const [only = own] = named
  return only
}
