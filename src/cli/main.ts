import { ClosedPipe } from './closed-pipe.ts';
import { main } from './program.ts';

const closedPipe = new ClosedPipe(process.stdout, process.stderr);
process.exitCode = await main(process.argv.slice(2), closedPipe);
