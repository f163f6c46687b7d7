/**
 * PDFium, Chromium's PDF library, as WebAssembly (@embedpdf/pdfium): the calls that are used here, with C's own arguments: numbers are
 * handles, addresses or counts; 0 is "no". What each does: the headers fpdfview.h, fpdf_text.h, fpdf_doc.h, fpdf_annot.h of PDFium.
 */
import { init } from '@embedpdf/pdfium'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

type Call = (...values: number[]) => number

type Name =
  | 'malloc'
  | 'free'
  | 'PDFiumExt_Init'
  | 'PDFiumExt_OpenFormFillInfo'
  | 'PDFiumExt_InitFormFillEnvironment'
  | 'FPDF_LoadMemDocument'
  | 'FPDF_GetLastError'
  | 'FPDF_GetPageCount'
  | 'FPDF_GetPageLabel'
  | 'FPDF_GetFormType'
  | 'FPDF_GetPageBoundingBox'
  | 'FPDF_GetXFAPacketCount'
  | 'FPDF_GetXFAPacketName'
  | 'FPDF_GetXFAPacketContent'
  | 'FPDF_LoadPage'
  | 'FPDF_ClosePage'
  | 'FPDF_GetPageWidthF'
  | 'FPDF_GetPageHeightF'
  | 'FPDF_RenderPageBitmap'
  | 'FPDFPage_GetRotation'
  | 'FPDFPage_CountObjects'
  | 'FPDFPage_GetObject'
  | 'FPDFPageObj_GetType'
  | 'FPDFPageObj_GetBounds'
  | 'FPDFPageObj_CountMarks'
  | 'FPDFPageObj_GetMark'
  | 'FPDFPageObj_SetIsActive'
  | 'FPDFPageObjMark_GetName'
  | 'FPDFFormObj_CountObjects'
  | 'FPDFFormObj_GetObject'
  | 'FPDFBitmap_CreateEx'
  | 'FPDFBitmap_FillRect'
  | 'FPDFBitmap_Destroy'
  | 'FPDFText_LoadPage'
  | 'FPDFText_ClosePage'
  | 'FPDFText_CountChars'
  | 'FPDFText_GetUnicode'
  | 'FPDFText_IsGenerated'
  | 'FPDFText_IsHyphen'
  | 'FPDFText_HasUnicodeMapError'
  | 'FPDFText_GetCharOrigin'
  | 'FPDFText_GetLooseCharBox'
  | 'FPDFText_GetTextObject'
  | 'FPDFText_GetFontSize'
  | 'FPDFText_GetMatrix'
  | 'FPDFTextObj_GetFont'
  | 'FPDFTextObj_GetTextRenderMode'
  | 'FPDFFont_GetFlags'
  | 'FPDFFont_GetBaseFontName'
  | 'FPDFDoc_GetAttachmentCount'
  | 'FPDFDoc_GetAttachment'
  | 'FPDFAttachment_GetName'
  | 'FPDFBookmark_GetFirstChild'
  | 'FPDFBookmark_GetNextSibling'
  | 'FPDFBookmark_GetTitle'
  | 'FPDFBookmark_GetDest'
  | 'FPDFBookmark_GetAction'
  | 'FPDFAction_GetDest'
  | 'FPDFDest_GetDestPageIndex'
  | 'FPDFPage_GetAnnotCount'
  | 'FPDFPage_GetAnnot'
  | 'FPDFPage_CloseAnnot'
  | 'FPDFAnnot_GetSubtype'
  | 'FPDFAnnot_GetRect'
  | 'FPDFAnnot_GetFlags'
  | 'FPDFAnnot_GetStringValue'
  | 'FPDFAnnot_GetFormFieldType'
  | 'FPDFAnnot_GetFormFieldValue'
  | 'FPDFAnnot_GetFormFieldFlags'
  | 'FPDFAnnot_GetFormFieldExportValue'
  | 'FPDFAnnot_GetFormFieldName'
  | 'FPDFAnnot_GetOptionCount'
  | 'FPDFAnnot_GetOptionLabel'
  | 'FPDFAnnot_IsOptionSelected'
  | 'FPDFAnnot_IsChecked'
  | 'FPDFAnnot_GetFileAttachment'
  | 'EPDFAnnot_Flatten'
  | 'EPDFAnnot_HasAppearanceStream'
  | 'EPDFDoc_GetPageObjectNumberByIndex'

export type Calls = Readonly<Record<Name, Call>>

/** What is used of the platform's WebAssembly, whose types come with the DOM's. */
interface Memory {
  readonly buffer: ArrayBuffer
}
interface Instance {
  readonly exports: object
}
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>
  readonly Instance: new (module: object, imports: Imports) => Instance
}
/** Emscripten's: told how many bytes of memory are needed in all, it says whether they are there. */
interface Imports {
  readonly env: { emscripten_resize_heap: (bytes: number) => unknown }
}

const wasm = createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm')

export class PdfLibrary {
  private view = new DataView(new ArrayBuffer(0))
  /** 64 bytes for what calls write back. */
  readonly out: number

  private constructor(
    readonly call: Calls,
    private readonly memory: Memory,
    private readonly growth: { isRefused: boolean }
  ) {
    call.PDFiumExt_Init()
    this.out = call.malloc(64)
  }

  private static module: Promise<object> | undefined

  /** The library's code, compiled once for all files of a thread. */
  static compiled(): Promise<object> {
    return (PdfLibrary.module ??= WebAssembly.compile(readFileSync(wasm)))
  }

  /** `megabytes`: the memory that it may have. A call that needs more ends the library with an exception. */
  static async load(megabytes: number): Promise<PdfLibrary> {
    const growth = { isRefused: false }
    const module = await PdfLibrary.compiled()
    const instantiateWasm = (imports: Imports, done: (instance: Instance) => void) => {
      const grow = imports.env.emscripten_resize_heap
      imports.env.emscripten_resize_heap = bytes => {
        // From 2 GB on the number comes as a negative one.
        if (bytes >>> 0 <= megabytes * 2 ** 20) return grow(bytes)
        growth.isRefused = true
        return 0
      }
      const instance = new WebAssembly.Instance(module, imports)
      done(instance)
      return instance.exports
    }
    const quiet = () => undefined
    const options = { instantiateWasm, print: quiet, printErr: quiet }
    const { pdfium } = await init(options as unknown as Parameters<typeof init>[0])
    const raw = pdfium.wasmExports as unknown as Calls & { readonly memory: Memory }
    return new PdfLibrary(raw, raw.memory, growth)
  }

  /** It asked for more memory than it may have. */
  get isFull(): boolean {
    return this.growth.isRefused
  }

  /** The memory as it lies now: a call that needs more of it moves it. */
  get data(): DataView {
    if (this.view.buffer.byteLength === 0) this.view = new DataView(this.memory.buffer)
    return this.view
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length)
  }

  /** Bytes in the library's memory; whoever asked frees them. 0: no room. */
  copyIn(bytes: Uint8Array): number {
    const at = this.call.malloc(bytes.length + 1)
    if (at !== 0) {
      this.bytes(at, bytes.length).set(bytes)
      this.bytes(at + bytes.length, 1)[0] = 0
    }
    return at
  }

  /** `value` as C has it, for one call. */
  withString<T>(value: string, use: (at: number) => T): T {
    const at = this.copyIn(Buffer.from(value, 'latin1'))
    try {
      return use(at)
    } finally {
      this.call.free(at)
    }
  }

  /** What a call writes into a buffer, called twice: for the length, 0 where there is nothing, and for the bytes. */
  bytesOf(read: (buffer: number, length: number) => number): Uint8Array {
    const length = read(0, 0) >>> 0
    if (length === 0 || length > 1 << 26) return new Uint8Array()
    const buffer = this.call.malloc(length)
    try {
      if (buffer === 0 || read(buffer, length) === 0) return new Uint8Array()
      return this.bytes(buffer, length).slice()
    } finally {
      this.call.free(buffer)
    }
  }

  /** UTF-16 with a NUL at its end. */
  textOf(read: (buffer: number, length: number) => number): string {
    return Buffer.from(this.bytesOf(read)).toString('utf16le').replace(/\0+$/, '')
  }

  /** The numbers that a call writes to `out`; undefined where it says no. */
  floats(count: number, write: (out: number) => number): number[] | undefined {
    if (write(this.out) === 0) return undefined
    return Array.from({ length: count }, (_, i) => this.data.getFloat32(this.out + 4 * i, true))
  }
}
