/**
 * The system's calls for mapping a file, through koffi: mmap of libc, or CreateFileMappingW of kernel32.
 * koffi is loaded on first use, so that a computer where it does not load still reads by position.
 */
import type { LibraryHandle } from 'koffi'

export interface Mapping {
  readonly size: number
  /** Fills `into` from `offset` on, on this thread. Ranges are the caller's to check. */
  copy(offset: number, into: Uint8Array): void
  /** The same on another thread. */
  copyAside(offset: number, into: Uint8Array): Promise<void>
  unmap(): void
}

type Pointer = bigint
/** koffi's functions carry their asynchronous form with them. */
type Copy = ((to: Uint8Array, from: Pointer, length: number) => unknown) & {
  async(to: Uint8Array, from: Pointer, length: number, done: (error: Error | null) => void): void
}
interface System {
  map(path: string, fd: number, size: number): Pointer
  unmap(start: Pointer, size: number): void
  copy: Copy
}

let system: Promise<System> | undefined

export async function mapFile(path: string, fd: number, size: number): Promise<Mapping> {
  if (size === 0) throw new Error(`${path}: an empty file cannot be mapped`)
  system ??= load()
  const { map, unmap, copy } = await system
  const start = map(path, fd, size)
  return {
    size,
    copy: (offset, into) => void copy(into, start + BigInt(offset), into.length),
    copyAside: (offset, into) =>
      new Promise((resolve, reject) =>
        copy.async(into, start + BigInt(offset), into.length, error => (error ? reject(error) : resolve()))
      ),
    unmap: () => unmap(start, size)
  }
}

async function load(): Promise<System> {
  const { default: koffi } = await import('koffi')
  return process.platform === 'win32' ? windows(koffi.load) : posix(koffi.load, koffi.errno)
}

function posix(open: (name: string | null) => LibraryHandle, errno: () => number): System {
  // Null is this process itself: Node is linked against the right libc, glibc, musl or libSystem.
  const libc = open(null)
  const mmap = libc.func('void *mmap(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)')
  const munmap = libc.func('int munmap(void *addr, size_t length)')
  const [PROT_READ, MAP_PRIVATE, MAP_FAILED] = [1, 2, 2n ** 64n - 1n]
  return {
    map(path, fd, size) {
      const start: Pointer | null = mmap(null, size, PROT_READ, MAP_PRIVATE, fd, 0)
      if (start === null || BigInt.asUintN(64, start) === MAP_FAILED)
        throw new Error(`${path}: mmap of ${size} bytes failed with errno ${errno()}`)
      return start
    },
    unmap: (start, size) => void munmap(start, size),
    copy: libc.func('void *memcpy(void *to, void *from, size_t length)') as Copy
  }
}

function windows(open: (name: string) => LibraryHandle): System {
  const kernel = open('kernel32.dll')
  const CreateFileW = kernel.func(
    'void *__stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, void *template)'
  )
  const CreateFileMappingW = kernel.func(
    'void *__stdcall CreateFileMappingW(void *file, void *security, uint32_t protect, uint32_t sizeHigh, uint32_t sizeLow, str16 name)'
  )
  const MapViewOfFile = kernel.func(
    'void *__stdcall MapViewOfFile(void *mapping, uint32_t access, uint32_t offsetHigh, uint32_t offsetLow, size_t length)'
  )
  const UnmapViewOfFile = kernel.func('int __stdcall UnmapViewOfFile(void *start)')
  const CloseHandle = kernel.func('int __stdcall CloseHandle(void *handle)')
  const GetLastError = kernel.func('uint32_t __stdcall GetLastError()')
  const [GENERIC_READ, SHARE_ALL, OPEN_EXISTING, PAGE_READONLY, FILE_MAP_READ] = [0x80000000, 7, 3, 2, 4]
  const INVALID_HANDLE = 2n ** 64n - 1n
  const failed = (path: string, call: string) =>
    new Error(`${path}: ${call} failed with error ${GetLastError()}`)
  return {
    map(path, _fd, size) {
      const file: Pointer | null = CreateFileW(path, GENERIC_READ, SHARE_ALL, null, OPEN_EXISTING, 0, null)
      if (file === null || BigInt.asUintN(64, file) === INVALID_HANDLE) throw failed(path, 'CreateFileW')
      // The view keeps the file and the mapping object alive: both handles can go at once.
      try {
        // The size is given, so that a file that changed since it was measured fails here and not in a copy.
        const object: Pointer | null = CreateFileMappingW(
          file,
          null,
          PAGE_READONLY,
          Math.floor(size / 2 ** 32),
          size >>> 0,
          null
        )
        if (object === null) throw failed(path, 'CreateFileMappingW')
        try {
          const start: Pointer | null = MapViewOfFile(object, FILE_MAP_READ, 0, 0, size)
          if (start === null) throw failed(path, 'MapViewOfFile')
          return start
        } finally {
          CloseHandle(object)
        }
      } finally {
        CloseHandle(file)
      }
    },
    unmap: start => void UnmapViewOfFile(start),
    copy: open('msvcrt.dll').func('void *memcpy(void *to, void *from, size_t length)') as Copy
  }
}
