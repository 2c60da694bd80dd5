import { InvalidArgumentError, Option } from 'commander';

/** Multiplies every time limit. */
export function timeScaleOption(): Option {
  return new Option(
    '--time-scale <factor>',
    'multiply all time limits by this factor (default: by the measured speed of this machine, 1 on an ordinary one)',
  ).argParser(factor);
}

function factor(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0.1 && number <= 100) return number;
  throw new InvalidArgumentError('it must be a number from 0.1 to 100.');
}
