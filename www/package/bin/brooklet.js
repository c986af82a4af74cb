#!/usr/bin/env node
// The `brooklet` command: hands the command line to the compiled entry point.
import { main } from '../dist/cli/main.js';

process.exitCode = await main(process.argv.slice(2));
