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
    details: 'Details',
    reason: 'The driver says: {{reason}}',
    again: 'Start again'
  },
  gone: {
    title: 'The program behind this window does not answer.',
    text: 'It has ended, or this computer was asleep. What was saved is on disk, and what you do now is kept here. It is asked again by itself; if it has ended, start Readonce again.',
    unsaved_one: '{{count, number}} conversation waits to be saved.',
    unsaved_other: '{{count, number}} conversations wait to be saved.',
    again: 'Try now'
  },
  replaced: {
    title: 'Readonce was started again.',
    text: 'This page belongs to the run before and cannot reach the new one. Everything is on disk: open the new window, or the address that Readonce printed last.'
  },
  silent: {
    title: 'The engine does not answer.',
    text: 'It has been busy for more than ten seconds and hears nothing, not even Stop. It may still come to an end. What was read is kept: after a restart, reading goes on from there.',
    again: 'Restart the engine'
  },
  broken: {
    title: 'The model could not be loaded.',
    again: 'Try again',
    models: 'Choose another model'
  },
  failed: { title: 'Readonce could not start', again: 'Try again' },
  graphics: {
    automatic: 'Start again with the GPU',
    plain: 'Start again without Vulkan on the screen',
    x11: 'Start again under X11',
    software: 'Start again without the GPU (slow)'
  },
  unsupported: {
    title: 'No graphics adapter was found',
    text: 'Readonce computes with WebGPU and found neither a graphics card nor a software adapter. Your documents are safe; nothing was changed.',
    todo: 'What to do',
    linux: {
      driver:
        'Install a graphics driver with Vulkan: for most cards the package mesa-vulkan-drivers, for NVIDIA its own driver.',
      flags:
        'In Chromium, WebGPU on Linux is not on by default: start it with <code>--enable-unsafe-webgpu</code>, and if that is not enough also with <code>--ozone-platform=x11</code> <code>--use-angle=vulkan</code> <code>--enable-features=Vulkan,VulkanFromANGLE</code>.',
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
