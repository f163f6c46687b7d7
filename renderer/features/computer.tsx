/** What this computer can do, and what it is doing: adapter, model, memory; or why it cannot. */
import { recover } from '../flows/read-file'
import { startAgain } from '../flows/start'
import { useDocument } from '../store/document'
import { useEngine } from '../store/engine'
import { bytes, grouped } from '../ui/words'

const advice: Record<string, string> = {
  linux:
    'Install a graphics driver with Vulkan, and start Chromium with --enable-unsafe-webgpu, which also offers a software adapter.',
  darwin: 'WebGPU needs macOS 14 or newer and a current Chromium browser.',
  win32: 'Install the current graphics driver and use a current Chromium browser.'
}

export function Computer() {
  const { state, adapter, model, memory, trainedLength, about } = useEngine()
  const hasDocument = useDocument(({ document }) => document !== undefined)
  const used = memory && memory.weights + memory.pages + memory.carry + memory.scratch + memory.staging

  if (state.name === 'unsupported' || state.name === 'failed')
    return (
      <section className="notice bad" role="alert" aria-labelledby="cannot">
        <h2 id="cannot">
          {state.name === 'unsupported'
            ? 'This computer cannot run the engine yet'
            : 'Readonce could not start'}
        </h2>
        <p>{state.reason}</p>
        {state.name === 'unsupported' && <p>{advice[about?.platform ?? '']}</p>}
        <button type="button" onClick={() => void startAgain()}>
          Try again
        </button>
      </section>
    )
  if (state.name === 'lost')
    return (
      <section className="notice bad" role="alert" aria-labelledby="lost">
        <h2 id="lost">The graphics device went away</h2>
        {hasDocument && <p>The text is still here and can be read again.</p>}
        <p className="quiet">What the driver says: {state.reason}</p>
        <button type="button" onClick={() => void recover()}>
          {hasDocument ? 'Start again and read' : 'Start again'}
        </button>
      </section>
    )
  if (state.name === 'off' || state.name === 'loading') {
    const known = state.name === 'loading' && state.total > 0 ? state : undefined
    return (
      <section className="computer" aria-label="This computer">
        <p role="status">
          Loading the model{known ? `, ${bytes(known.loaded)} of ${bytes(known.total)}` : ''} …
        </p>
        <progress
          aria-label="Loading the model"
          {...(known ? { value: known.loaded, max: known.total } : {})}
        />
      </section>
    )
  }
  return (
    <section className="computer" aria-label="This computer">
      <dl>
        <div>
          <dt>Computes on</dt>
          <dd>
            {adapter?.name} <span className="tag">{adapter?.software ? 'software' : 'graphics card'}</span>
          </dd>
        </div>
        <div>
          <dt>Model</dt>
          <dd>
            {model?.name}, {model && bytes(model.bytes)}
            {trainedLength !== undefined && `, trained for ${grouped(trainedLength)} tokens`}
          </dd>
        </div>
        <div>
          <dt>Memory in use</dt>
          <dd>{used !== undefined && bytes(used)}</dd>
        </div>
      </dl>
      {adapter?.software && <p className="quiet">No GPU in use: small models only, and slow.</p>}
    </section>
  )
}
