import { isBelow } from './load-module.ts';
import type { StepPlaces } from './own-scenario.ts';
import { placeInStack } from './place-in-stack.ts';

/** The steps of a scenario in a module are where the user's files call them. */
export function modulePlaces(place: string, folder: string): StepPlaces {
  const isOwn = isBelow(folder);
  return {
    place,
    placeOfStep: () => placeInStack(stackHere(), isOwn),
    placeOfError: (error) => placeInStack(error, isOwn),
  };
}

function stackHere(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  try {
    return new Error('where a step begins');
  } finally {
    Error.stackTraceLimit = limit;
  }
}
