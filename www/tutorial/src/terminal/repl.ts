/** The package's reading and printing of commands, shaped as the terminal needs it. */
import type { Argument, WireReply } from 'brooklet';
import {
  Assistant, formatReply, readCommandDocs, splitCommandLine, type Segment,
} from 'brooklet/repl';
import type { World } from '../engine/world.ts';

export { PromptState, segmentText } from 'brooklet/repl';
export type { Segment };

/** Splits a line as redis-cli does; `null` when its quotes are not balanced. */
export function splitLine(line: string): Argument[] | null {
  return splitCommandLine(line);
}

/** An argument as it is compared with a lesson's words. */
export function wordOf(argument: Argument): string {
  return argument instanceof Uint8Array ? new TextDecoder().decode(argument) : String(argument);
}

/** A reply in pieces that can be coloured, without the newline that ends it on a terminal. */
export function segmentsOf(reply: WireReply): readonly Segment[] {
  return formatReply(reply).slice(0, -1);
}

/** The text of an error; `null` for any other reply. */
export function errorOf(reply: WireReply): string | null {
  return reply.kind === 'error' ? reply.text : null;
}

/** Hints, completion and help, from what the engine itself says about its commands. */
export async function loadAssistant(world: World): Promise<Assistant> {
  return new Assistant(readCommandDocs(await world.askWire(['COMMAND', 'DOCS'])));
}
