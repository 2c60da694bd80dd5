/** A change of a few characters in an upstream source file, made at build time. */
export interface SourceFix {
  readonly module: string;
  /** Path in the module. */
  readonly file: string;
  /** The text to replace; it must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** One `go build` of packages that share flags. By default, an output is named after the last element of its package path. */
export interface GoBuild {
  readonly kind: 'go';
  /** Package path → program name. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Fixes of upstream bugs that would make runs fail at random. Each is in `notUpstream` and in a decision record. */
  readonly fixes?: readonly SourceFix[];
  /** Values for the linker flag -X, by variable. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Files copied from a Go module that is downloaded for its contents. */
export interface ModuleFiles {
  readonly kind: 'module-files';
  readonly module: string;
  /** Path in the module → output name, a file or a folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** A program from a wheel that `requirements.txt` pins by hash. */
export interface WheelProgram {
  readonly kind: 'wheel';
  readonly path: string;
  readonly program: string;
}

/** The Python packages that `requirements.txt` pins by hash, in one folder for PYTHONPATH. */
export interface PythonPackages {
  readonly kind: 'python-packages';
  /** The output name of the folder. */
  readonly folder: string;
  /** Scripts of the component's folder that use it, by the names of the programs. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/** An upstream project that Padlock builds: its source, its recipes, and what a report must say about it. */
export interface Component {
  /** Its folder name below components/. */
  readonly id: string;
  readonly source: string;
  readonly version: string;
  readonly recipes: readonly (GoBuild | ModuleFiles | WheelProgram | PythonPackages)[];
  /** Seconds that a cold build takes on two cores that it shares with another build. Only for the progress display. */
  readonly expectedSeconds: number;
  /** True if no run needs it: it is built only on request. */
  readonly optional?: true;
  /**
   * The component that this one stands in for: the same programs at another version, e.g. for a matrix. Always optional. Its folder
   * has only the files that differ.
   */
  readonly variantOf?: string;
  /** How the component differs from its project's release; in every report. */
  readonly notUpstream?: string;
}
