import { ClosedPipe } from './closed-pipe.ts';
import { main } from './command-line.ts';

const closedPipe = new ClosedPipe(process.stdout, process.stderr);
// An error of stdout may come after the command's end.
process.once('exit', () => {
  if (closedPipe.isUnwritable) process.exitCode = 3;
});
process.exitCode = await main(process.argv.slice(2), closedPipe);
