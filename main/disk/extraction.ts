/** What the library takes in: a file's text, a folder's files, several texts as one. */
export { type ExtractedDocument, type ExtractOptions, extractFile } from './extract-text'
export { joinFiles } from './extract/join-files'
export { gatherFiles } from './gather-files'
