/** Single kernels: share of the adapter's best, and what other engines reached on the same adapters. */
import { type KernelCase, openKernelBench } from '../../../gpu/index'
import { type Ceilings, inTurns } from './setting'
import type { Report } from './report'

/** Measured on 2026-11-23 on a machine of the same kind: ONNX Runtime Web's WebGPU, and the best simple WGSL found. */
const peers: Readonly<
  Record<string, Readonly<Record<string, readonly [onnx: string, handWritten: string]>>>
> = {
  lavapipe: {
    'linear-tile 512 x 768 x 768, f32': ['3.9 GFLOP/s', '9.0 GFLOP/s'],
    'linear-tile 1024 x 1024 x 1024, f32': ['4.0 GFLOP/s', '10.2 GFLOP/s'],
    'linear-row 1024 x 2816, f32': ['0.28 GB/s', '6.4 GB/s'],
    'linear-row 1024 x 2816, f16': ['-', '2.2 GB/s'],
    'page-attention 16/4 heads of 64, 8192 keys, f16': ['92 ms', '16 ms'],
    'page-attention 6/2 heads of 32, 8192 keys, f16': ['27 ms', '3.7 ms'],
    'copy 32 MiB, vec4': ['-', '4.7 GB/s']
  },
  swiftshader: {
    'linear-tile 512 x 768 x 768, f32': ['0.63 GFLOP/s', '3.7 GFLOP/s'],
    'linear-tile 1024 x 1024 x 1024, f32': ['0.57 GFLOP/s', '3.3 GFLOP/s'],
    'linear-row 1024 x 2816, f32': ['0.06 GB/s', '0.8 GB/s'],
    'copy 32 MiB, vec4': ['-', '1.3 GB/s']
  }
}

const gigaflops = (one: KernelCase, seconds: number): number => one.operations / seconds / 1e9
const gigabytes = (one: KernelCase, seconds: number): number => one.bytes / seconds / 1e9

/** The adapter's best: the fastest of ten goes of a copy and of every product that is not long, in any variant. */
export async function measureCeilings(gpu: GPU): Promise<Ceilings> {
  const bench = await openKernelBench(gpu)
  try {
    const cases = bench.cases.filter(c => c.kernel === 'copy' || c.operations < 1e9)
    return ceilingsOf(cases, await inTurns(cases, 10, times => Math.min(...times)))
  } finally {
    bench.close()
  }
}

function ceilingsOf(cases: readonly KernelCase[], seconds: readonly number[]): Ceilings {
  const best = (of: string, rate: (one: KernelCase, seconds: number) => number): number =>
    Math.max(...cases.flatMap((one, i) => (one.kernel === of ? [rate(one, seconds[i])] : [])))
  return { gigaflops: best('linear-tile', gigaflops), gigabytes: best('copy', gigabytes) }
}

export async function benchKernels(gpu: GPU, adapter: string, report: Report, rounds: number): Promise<void> {
  const bench = await openKernelBench(gpu)
  try {
    const { cases } = bench
    const seconds = await inTurns(cases, rounds)
    const { gigaflops: most, gigabytes: fastest } = ceilingsOf(cases, seconds)
    const known = Object.entries(peers).find(([name]) =>
      new RegExp(name === 'lavapipe' ? 'llvmpipe' : name, 'i').test(adapter)
    )?.[1]
    report.section(
      'Kernels',
      `Median of ${rounds} goes, all cases in turns, each go one submit of at least 30 ms. Best of this adapter in this run: ${most.toFixed(1)} GFLOP/s (linear-tile in any workgroup), ${fastest.toFixed(1)} GB/s (a plain copy, read + write). Variants are other workgroups and other product kernels tried; the line without one is the product's.`
    )
    const rows = cases.map((one, i) => {
      const [onnx, hand] = known?.[`${one.kernel} ${one.shape}`] ?? ['-', '-']
      const [flops, bytes] = [gigaflops(one, seconds[i]), gigabytes(one, seconds[i])]
      const bound = one.kernel === 'linear-tile' ? flops / most : bytes / fastest
      return [
        one.kernel,
        one.shape,
        one.variant ?? '',
        seconds[i] * 1000,
        flops,
        bytes,
        `${Math.round(bound * 100)}%`,
        one.variant && one.kernel !== 'copy' ? '' : onnx,
        one.variant && one.kernel !== 'copy' ? '' : hand
      ]
    })
    report.table(
      'kernels',
      [
        'kernel',
        'shape',
        'variant',
        'ms',
        'GFLOP/s',
        'GB/s',
        "share of the adapter's best",
        'ONNX Runtime Web',
        'hand-written'
      ],
      rows
    )
  } finally {
    bench.close()
  }
}
