export const shell = {
  close: 'Schließen'
} as const
