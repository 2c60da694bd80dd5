/** Generates fixtures/existing/*.yaml from the permissions that a run requests: `node scripts/write-rbac.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { optionalRoles, rbacObjects, rbacObjectsOf } from '../src/environment/existing/rbac.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';

const writtenBy = '# Written by scripts/write-rbac.ts from the rights that a run asks for.\n';

function write(name: string, head: string, objects: readonly KubeObject[]): void {
  const file = fileURLToPath(new URL(`../fixtures/existing/${name}`, import.meta.url));
  writeFileSync(file, head + writtenBy + objects.map((object) => stringify(object)).join('---\n'));
}

write(
  'rbac.yaml',
  `# What a run on an existing cluster may do: apply it as the cluster's administrator, and give the kubeconfig of the
# ServiceAccount padlock/padlock to Padlock. Change istio-system where the ingress gateway is in another namespace.
`,
  rbacObjects('istio-system'),
);
for (const role of optionalRoles) {
  const { file, neededBy, remark } = role;
  write(file, `# Optional, beside rbac.yaml: what ${neededBy}.\n# ${remark}\n`, rbacObjectsOf(role));
}
