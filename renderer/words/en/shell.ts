export const shell = {
  name: 'Readonce',
  title: '{{document}} – Readonce',
  titleReading: '{{percent}} read: {{document}} – Readonce',
  close: 'Close',
  more: 'More',
  skip: {
    label: 'Skip links',
    library: 'Go to the library',
    reader: 'Go to the text',
    chat: 'Go to the conversation'
  },
  pane: { library: 'Library', reader: 'Text', chat: 'Conversation' },
  panes: 'Panes',
  fold: { library: 'Hide the library', reader: 'Hide the text', chat: 'Hide the conversation' },
  unfold: { library: 'Show the library', reader: 'Show the text', chat: 'Show the conversation' },
  width: { library: 'Width of the library', chat: 'Width of the conversation' },

  status: {
    label: 'This computer',
    loading: 'Loading the model…',
    loadingOf: 'Loading the model, {{loaded}} of {{total}}',
    adapter: 'Computes on {{name}}',
    software: 'No GPU found: small models only, slow',
    softwareOn: 'Computes on the processor: {{name}}',
    model: 'Model: {{name}}. Open the list of models',
    memory: 'Memory in use by purpose',
    memoryUsed: '{{bytes}} of memory',
    memoryTitle: 'Memory of the adapter',
    purpose: {
      weights: 'Model weights',
      pages: 'What was read (pages)',
      carry: 'Where reading goes on',
      scratch: 'Working memory',
      staging: 'On the way to disk and back',
      sum: 'Together',
      peak: 'Most at once'
    },
    speed: '{{speed}} tokens/s',
    speedTitle: 'Speed of the last reading or answer',
    tokens: '{{tokens}} tokens in view',
    reopened: 'reopened in {{time}}',
    inView: '{{length}} in view'
  },

  lost: {
    title: 'The graphics device went away.',
    text: 'What was read is kept on disk. Start again, and reading goes on from there.',
    reason: 'The driver says: {{reason}}',
    again: 'Start again'
  },
  broken: {
    title: 'The model could not be loaded.',
    again: 'Try again',
    models: 'Choose another model'
  },
  failed: { title: 'Readonce could not start', again: 'Try again' },
  unsupported: {
    title: 'No graphics adapter was found',
    text: 'Readonce computes with WebGPU and found neither a graphics card nor a software adapter. Your documents are safe; nothing was changed.',
    todo: 'What to do',
    linux: {
      driver:
        'Install a graphics driver with Vulkan: for most cards the package mesa-vulkan-drivers, for NVIDIA its own driver.',
      flags:
        'In Chromium, WebGPU on Linux is not on by default: start it with <code>--enable-unsafe-webgpu</code> <code>--enable-features=Vulkan</code>.',
      sandbox:
        'A browser from snap or flatpak often cannot reach the driver: use one from your distribution.',
      software:
        'Without a graphics card, the same package brings lavapipe, a software adapter: slow, but it works.'
    },
    darwin: {
      system: 'WebGPU needs macOS 14 or newer.',
      browser: 'In a browser, use a current Chrome, Edge or Chromium.'
    },
    win32: {
      driver: 'Install the current driver from the maker of your graphics card, then restart the computer.',
      browser:
        'In a browser, use a current Chrome or Edge, and switch on “Use graphics acceleration when available” in its settings.',
      remote:
        'Over remote desktop the graphics card is often not offered: start Readonce at the computer itself.'
    },
    other: {
      browser: 'Use a current Chrome, Edge or Chromium, and the current driver of your graphics card.'
    },
    again: 'Try again',
    diagnostics: 'Diagnostics',
    reason: 'What was found: {{reason}}'
  }
} as const
