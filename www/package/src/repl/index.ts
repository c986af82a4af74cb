/** What a terminal for Redis commands needs, in Node and in a page: split, format, hint. */
export { Assistant } from './assist.js';
export { readCommandDocs, type ArgumentDoc, type CommandDoc } from './docs.js';
export {
  answersWithText,
  formatRaw,
  formatReply,
  formatReplyOf,
  quote,
  segmentText,
  type Segment,
  type Style,
} from './format.js';
export { PromptState } from './prompt.js';
export { endsInArgument, splitCommandLine } from './split.js';
export { remainingSyntax, renderSyntax } from './syntax.js';
