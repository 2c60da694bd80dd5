/** Writes fixtures/existing/rbac.yaml from the rights that a run asks for: `node scripts/write-rbac.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { rbacObjects } from '../src/environment/existing/rbac.ts';

const file = fileURLToPath(new URL('../fixtures/existing/rbac.yaml', import.meta.url));
const head = `# What a run on an existing cluster may do: apply it as the cluster's administrator, and give the kubeconfig of the
# ServiceAccount padlock/padlock to Padlock. Change istio-system where the ingress gateway is in another namespace.
# Written by scripts/write-rbac.ts from the rights that a run asks for.
`;
writeFileSync(
  file,
  head +
    rbacObjects('istio-system')
      .map((object) => stringify(object))
      .join('---\n'),
);
