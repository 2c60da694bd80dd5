/** A few characters of an upstream source file that are built otherwise than they stand there. */
export interface SourceFix {
  readonly module: string;
  /** Path in the module. */
  readonly file: string;
  /** What stands there, exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** One `go build` of packages that share flags; each output is named as its package's last element unless given. */
export interface GoBuild {
  readonly kind: 'go';
  /** Package path → name of the program. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Faults of upstream that would make runs fail at random; each is told in `notUpstream` and a decision record. */
  readonly fixes?: readonly SourceFix[];
  /** Values for the linker's -X, by variable. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Files copied out of a Go module that is downloaded for its contents. */
export interface ModuleFiles {
  readonly kind: 'module-files';
  readonly module: string;
  /** Path in the module → name of the output, a file or a folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** A program out of a wheel that `requirements.txt` pins by hash. */
export interface WheelProgram {
  readonly kind: 'wheel';
  readonly path: string;
  readonly program: string;
}

/** An upstream part: where it comes from, how it is made, and what a report must say about it. */
export interface Component {
  /** The name of its folder below components/. */
  readonly id: string;
  readonly source: string;
  readonly version: string;
  readonly recipes: readonly (GoBuild | ModuleFiles | WheelProgram)[];
  /** How long a cold build takes on two cores that it shares with another one, in seconds; for the progress only. */
  readonly expectedSeconds: number;
  /** No run needs it: it is built only where it is asked for by name. */
  readonly optional?: true;
  /** Said in every report where the part is not what its project releases. */
  readonly notUpstream?: string;
}
