const moduleName = /^scenario\.m?[tj]s$/;
const documentName = /^scenario\.ya?ml$/;

/** Whether a file of that name holds a scenario, and no manifests. */
export function isScenarioFile(name: string): boolean {
  return moduleName.test(name) || documentName.test(name);
}

/** Whether a path is that of a module rather than a YAML document. */
export function isModule(file: string): boolean {
  return /\.m?[tj]s$/.test(file);
}

/** Whether a path is that of a YAML document. */
export function isDocument(file: string): boolean {
  return /\.ya?ml$/.test(file);
}
