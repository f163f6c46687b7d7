/**
 * chardetng, Firefox's guesser, as WebAssembly. The package's own JavaScript wants a bundler that loads .wasm files; the module has six
 * functions, so they are called here.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// What is used of the platform's WebAssembly, whose types come with the DOM's.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  encodingdetector_new(): number
  encodingdetector_feed(detector: number, bytes: number, length: number, isLast: number): number
  encodingdetector_guess(
    to: number,
    detector: number,
    tld: number,
    tldLength: number,
    allowUtf8: number
  ): void
  __wbg_encodingdetector_free(detector: number): void
  __wbindgen_add_to_stack_pointer(bytes: number): number
  __wbindgen_malloc(bytes: number): number
  __wbindgen_free(at: number, bytes: number): void
}

let loaded: Exports | undefined

function load(): Exports {
  const path = createRequire(import.meta.url).resolve('chardetng-wasm/dist/chardetng_wasm_bg.wasm')
  const fail = () => {
    throw new Error('chardetng failed')
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {
    './chardetng_wasm_bg.js': { __wbindgen_throw: fail }
  })
  return instance.exports as Exports
}

/** A label of the WHATWG standard. `bytes`: text in a byte encoding, at most some 100 KB. */
export function chardetng(bytes: Uint8Array): string {
  const wasm = (loaded ??= load())
  const detector = wasm.encodingdetector_new()
  const at = wasm.__wbindgen_malloc(bytes.length)
  new Uint8Array(wasm.memory.buffer).set(bytes, at)
  // Takes the memory over.
  wasm.encodingdetector_feed(detector, at, bytes.length, 1)
  const result = wasm.__wbindgen_add_to_stack_pointer(-16)
  try {
    wasm.encodingdetector_guess(result, detector, 0, 0, 0)
    const [start, length] = new Int32Array(wasm.memory.buffer, result, 2) as unknown as [number, number]
    const label = Buffer.from(wasm.memory.buffer, start, length).toString('latin1')
    wasm.__wbindgen_free(start, length)
    return label.toLowerCase()
  } finally {
    wasm.__wbindgen_add_to_stack_pointer(16)
    wasm.__wbg_encodingdetector_free(detector)
  }
}
