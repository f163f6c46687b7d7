/**
 * Reads a kernel's interface out of its WGSL, compiles it, packs its parameters.
 *
 * The kernel file is the only place where bindings and parameters are written down: two regular
 * expressions read them, so a missing or misspelt parameter is an exception with the valid names.
 * Constants travel as a prelude on the file's first line, which keeps the compiler's line numbers
 * equal to the file's. Layouts are explicit, because `layout: 'auto'` drops unused bindings.
 */

export interface KernelSource {
  readonly name: string
  readonly wgsl: string
  /** WGSL extensions, which have to stand before everything else. */
  readonly enable?: readonly string[]
}

/** Numbers become `const NAME = value;`, strings are WGSL text (an alias or a function). */
export type Constants = Readonly<Record<string, number | string>>

export interface CompiledKernel {
  readonly name: string
  readonly pipeline: GPUComputePipeline
  readonly layout: GPUBindGroupLayout
  readonly bindings: readonly string[]
  readonly params: readonly { readonly name: string; readonly type: 'u32' | 'i32' | 'f32' }[]
  /** Bind groups by the ids of their buffers: making one per dispatch costs 4 to 10 microseconds. */
  readonly groups: Map<string, GPUBindGroup>
}

const bindingPattern = /@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read_write|read)>\s*(\w+)\s*:/g
const paramsPattern = /struct Params\s*\{([^}]*)\}/

export function readInterface(source: KernelSource): {
  bindings: { name: string; writable: boolean }[]
  params: { name: string; type: 'u32' | 'i32' | 'f32' }[]
} {
  const bindings = [...source.wgsl.matchAll(bindingPattern)].map((match, i) => {
    if (Number(match[1]) !== i)
      throw new Error(`${source.name}.wgsl: binding ${match[1]} stands at place ${i}`)
    return { name: match[3], writable: match[2] === 'read_write' }
  })
  const fields = paramsPattern.exec(source.wgsl)?.[1] ?? ''
  const params = [...fields.matchAll(/(\w+)\s*:\s*(\w+)/g)].map(([, name, type]) => {
    if (type !== 'u32' && type !== 'i32' && type !== 'f32') {
      throw new Error(`${source.name}.wgsl: Params.${name} is ${type}; only 4-byte scalars are packed`)
    }
    return { name, type: type as 'u32' | 'i32' | 'f32' }
  })
  if (params.length > 16)
    throw new Error(`${source.name}.wgsl: Params has ${params.length} fields, at most 16 (64 bytes)`)
  return { bindings, params }
}

function preludeLine(constants: Constants): string {
  const parts = Object.entries(constants).map(([name, value]) =>
    // A comment would go on to the end of the one line.
    typeof value === 'string' ? value.replace(/\/\/.*$/gm, '') : `const ${name} = ${value};`
  )
  return parts.join(' ').replaceAll('\n', ' ')
}

export async function compileKernel(
  device: GPUDevice,
  source: KernelSource,
  constants: Constants
): Promise<CompiledKernel> {
  const { bindings, params } = readInterface(source)
  const module = device.createShaderModule({
    label: `${source.name}.wgsl`,
    code: `${source.enable ? `enable ${source.enable.join(', ')}; ` : ''}${preludeLine(constants)} ${source.wgsl}`
  })
  const info = await module.getCompilationInfo()
  const errors = info.messages.filter(message => message.type === 'error')
  if (errors.length > 0) {
    const lines = errors.map(e => `gpu/kernels/${source.name}.wgsl:${e.lineNum}: ${e.message}`)
    throw new Error(`${lines.join('\n')}\nprelude: ${preludeLine(constants)}`)
  }
  const layout = device.createBindGroupLayout({
    label: source.name,
    entries: bindings.map((binding, i) => ({
      binding: i,
      visibility: 4, // COMPUTE
      buffer: { type: binding.writable ? 'storage' : 'read-only-storage' }
    }))
  })
  const pipeline = await device.createComputePipelineAsync({
    label: source.name,
    layout: device.createPipelineLayout({
      label: source.name,
      bindGroupLayouts: [layout],
      immediateSize: params.length * 4
    }),
    compute: { module, entryPoint: 'main' }
  })
  return {
    name: source.name,
    pipeline,
    layout,
    bindings: bindings.map(b => b.name),
    params,
    groups: new Map()
  }
}

/** Packs named values in the order of the kernel's Params. Throws on a missing or unknown name. */
export function packParams(
  kernel: CompiledKernel,
  values: Readonly<Record<string, number>>
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(kernel.params.length)
  const view = new DataView(words.buffer)
  for (const [i, { name, type }] of kernel.params.entries()) {
    const value = values[name]
    if (value === undefined || Number.isNaN(value)) {
      throw new Error(
        `${kernel.name}: parameter ${name} is ${value}; it takes ${kernel.params.map(p => p.name).join(', ')}`
      )
    }
    if (type === 'f32') view.setFloat32(i * 4, value, true)
    else if (type === 'i32') view.setInt32(i * 4, value, true)
    else view.setUint32(i * 4, value, true)
  }
  for (const name of Object.keys(values)) {
    if (!kernel.params.some(p => p.name === name)) {
      throw new Error(
        `${kernel.name}: unknown parameter ${name}; it takes ${kernel.params.map(p => p.name).join(', ')}`
      )
    }
  }
  return words
}
