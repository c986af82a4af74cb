/**
 * Makes JavaScript of the component, in `brooklet`: what `jco transpile --instantiation sync` does.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { transpile } from '@bytecodealliance/jco-transpile';

const component = process.argv[2] ?? '../../target/xtask/brooklet.wasm';
const options = { name: 'brooklet', instantiation: 'sync', noComponentErrorWrapping: false };
const { files } = await transpile(component, options);
for (const [name, content] of Object.entries(files)) {
  await mkdir(dirname(`brooklet/${name}`), { recursive: true });
  await writeFile(`brooklet/${name}`, content);
}
