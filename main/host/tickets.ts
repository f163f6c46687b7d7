/**
 * Addresses that lead to the page once. Each has a token of its own, which is handed out to the first who opens it and ends
 * when somebody opens it again: one of the two was not meant.
 */
import { randomBytes } from 'node:crypto'

interface Ticket {
  readonly token: string
  state: 'new' | 'used' | 'ended'
  readonly used: () => void
}

const usedAlready =
  'This address leads nowhere: it was used already, or belongs to an earlier run. Start Readonce again, or open the address that it printed.\n'

export class Tickets {
  private readonly byName = new Map<string, Ticket>()

  /** Returns the name to open it by; `used` is told when somebody does. */
  add(used: () => void): string {
    const name = secret()
    this.byName.set(name, { token: secret(), state: 'new', used })
    return name
  }

  /** The tokens that are good now. */
  tokens(): string[] {
    return Array.from(this.byName.values()).flatMap(each => (each.state === 'used' ? [each.token] : []))
  }

  open(name: string): Response {
    const ticket = this.byName.get(name)
    if (ticket?.state === 'new') {
      ticket.state = 'used'
      ticket.used()
      return new Response(null, {
        status: 303,
        headers: { location: `/#token=${ticket.token}`, 'cache-control': 'no-store' }
      })
    }
    if (ticket) ticket.state = 'ended'
    return new Response(usedAlready, {
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
    })
  }
}

const secret = (): string => randomBytes(24).toString('base64url')
