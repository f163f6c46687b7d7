import '../testing/with-resolvers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openEngineClient } from '../engine/engine-client'
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
  test('a drop and a question enter the files that tell of them, and not each other’s', async () => {
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
    expect(dropped).toContain('renderer/flows/add-document.ts')
    expect(dropped).not.toContain('renderer/flows/ask-question.ts')
    expect(asked).toContain('renderer/flows/ask-question.ts')
    expect(asked).not.toContain('renderer/flows/add-document.ts')
    // READONCE_JOURNEYS=1 lists the modules: those with a function of their own that was called on the way.
    if (process.env['READONCE_JOURNEYS']) console.log({ dropped, asked })
  })
})
