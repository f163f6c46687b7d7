import '../testing/with-resolvers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openEngineClient } from '../engine/engine-client'
import { useChat } from '../store/chat'
import { useDocuments } from '../store/documents'
import { modulesEntered } from '../testing/modules-entered'
import { bookText, describeGpu, engineWorker, type RealMachine, realMachine } from '../testing/real-machine'
import { makeFlows } from './flows'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined })
vi.stubGlobal('document', { hidden: false })
vi.stubGlobal('navigator', {})
vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16))
vi.stubGlobal('cancelAnimationFrame', (timer: ReturnType<typeof setTimeout>) => clearTimeout(timer))

describeGpu('journeys', () => {
  let machine: RealMachine
  beforeAll(async () => {
    machine = await realMachine()
  })
  afterAll(() => machine.end())
  test('files', async () => {
    const flows = makeFlows(
      () => machine.host,
      options => openEngineClient({ ...options, worker: engineWorker() })
    )
    await flows.start.start()
    const file = new File([bookText(6000)], 'a.txt')
    const dropped = await modulesEntered(async () => {
      await flows.adding.addFiles([{ path: 'a.txt', file }], {})
      await vi.waitFor(() => {
        const { documents, activity } = useDocuments.getState()
        expect(activity).toEqual({})
        expect(Object.values(documents)[0]?.readings[0]?.state).toBe('complete')
      }, 60_000)
    })
    const [id] = Object.keys(useDocuments.getState().documents)
    const asked = await modulesEntered(() => flows.questions.ask(id!, 'Who is the captain?'))
    console.log(dropped.length, dropped.join('\n'))
    console.log(asked.length, asked.join('\n'), JSON.stringify(useChat.getState().chats))
  })
})
