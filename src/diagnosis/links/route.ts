import { condition, field, list, text } from '../../issuance/recorded-object.ts';
import { addressesOf, describeAnswer, onTheWay, reachesSolver, waits } from '../challenge-answers.ts';
import { istiodStoppedRule } from '../control-plane.ts';
import type { Link } from '../link.ts';
import { listenersOf, listenerTitle, parentsOf, whyNotTaken } from '../listeners.ts';
import { isOnItsWay } from '../push.ts';
import { quoted, sentences } from '../rule.ts';
import { type CurrentObject, type Situation, titleOf } from '../situation.ts';
import { says } from '../waiting-rule.ts';

const gatewayApiGroup = 'gateway.networking.k8s.io';
const istioIngressController = 'istio.io/ingress-controller';

/** The route to the solver, attached to the right listener. */
export const routeLink: Link = {
  id: 'route',
  title: 'solver route attached',
  needs: ['challenge'],
  done: ({ waiting }) => {
    if (waiting === null) return null;
    if (waiting.type !== 'HTTP-01') return 'DNS-01 needs no route.';
    const [route] = waiting.routes;
    return route === undefined ? null : `${titleOf(route)} exists, and nothing refuses it.`;
  },
  rules: [
    istiodStoppedRule,
    onTheWay('missing-ingress-class', 'a solver Ingress of a class that does not exist', (situation, challenge) => {
      const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
      // With the annotation, Istio serves a class that has no IngressClass object.
      const name = text(ingress, 'spec', 'ingressClassName');
      if (ingress === undefined || name === null || hasAddress(ingress) || situation.couldNotSee('IngressClass'))
        return null;
      const classes = situation
        .all('networking.k8s.io', 'IngressClass')
        .map((each) => text(each, 'metadata', 'name') ?? '');
      if (classes.includes(name)) return null;
      return {
        verdict: `${waits}: the gateway ${situation.gatewayName} has no route for ${challenge.path} because no IngressClass '${name}' exists.`,
        evidence: sentences(
          `${titleOf(ingress)} asks for the class ${name} and has no address.`,
          `IngressClasses are ${classes.join(', ') || 'none'}; Istio silently ignores an Ingress whose class does not exist.`,
          says(challenge),
          describeAnswer(situation, challenge),
        ),
        remedy: `Create the IngressClass '${name}' (controller ${istioIngressController}), or set class: istio instead of ingressClassName in spec.acme.solvers[].http01.ingress, which needs no IngressClass.`,
      };
    }),
    onTheWay(
      'ingress-class-of-nobody',
      'a solver Ingress that asks by annotation for a class that nothing serves',
      (situation, challenge) => {
        const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
        const name = annotatedClassOf(ingress);
        if (ingress === undefined || name === null || text(ingress, 'spec', 'ingressClassName') !== null) return null;
        // Istio serves the class of its mesh configuration without an IngressClass.
        const istios = situation.mesh.ingressClass;
        if (name === istios || hasAddress(ingress) || situation.couldNotSee('IngressClass')) return null;
        if (reachesSolver(situation, challenge)) return null;
        const classes = situation
          .all('networking.k8s.io', 'IngressClass')
          .map((each) => text(each, 'metadata', 'name') ?? '');
        if (classes.includes(name)) return null;
        return {
          verdict: `${waits}: ${titleOf(ingress)} asks by annotation for the class ${name}, which nothing in this cluster serves (no IngressClass ${name}; Istio takes the class ${istios} only), so the gateway has no route for ${challenge.path}.`,
          evidence: sentences(
            `${titleOf(ingress)} has the annotation kubernetes.io/ingress.class: ${name}, and no address.`,
            `IngressClasses are ${classes.join(', ') || 'none'}.`,
            says(challenge),
            describeAnswer(situation, challenge),
          ),
          remedy: `Set class: ${istios} in spec.acme.solvers[].http01.ingress of ${situation.issuerName} (or ingressClassName: ${istios} with its IngressClass).`,
          confidence: 'inferred',
        };
      },
    ),
    onTheWay(
      'istio-ignores-ingresses',
      'a solver Ingress in a mesh whose Ingress controller is off',
      (situation, challenge) => {
        const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
        const { ingressControllerMode, source } = situation.mesh;
        if (ingress === undefined || ingressControllerMode !== 'OFF' || hasAddress(ingress)) return null;
        return {
          verdict: `${waits}: Istio serves no Ingress, as meshConfig.ingressControllerMode is OFF, so the gateway has no route for ${challenge.path}.`,
          evidence: sentences(
            `ConfigMap ${source} has ingressControllerMode OFF.`,
            `${titleOf(ingress)} has no address.`,
            says(challenge),
          ),
          remedy: 'Set meshConfig.ingressControllerMode to STRICT, or use the solver gatewayHTTPRoute, or DNS-01.',
        };
      },
    ),
    onTheWay(
      'ingress-class-of-another',
      'a solver Ingress of a class that another controller serves',
      (situation, challenge) => {
        const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
        const name = ingress === undefined ? null : classOf(ingress);
        const found = situation
          .all('networking.k8s.io', 'IngressClass')
          .find((each) => text(each, 'metadata', 'name') === name);
        const controller = text(found, 'spec', 'controller');
        if (ingress === undefined || controller === null || controller === istioIngressController) return null;
        // If the host points at that controller, or the solver is reached, the class is intended.
        const taken = list(ingress, 'status', 'loadBalancer', 'ingress').map((entry) => text(entry, 'ip'));
        if (addressesOf(situation, challenge).some((address) => taken.includes(address))) return null;
        if (reachesSolver(situation, challenge)) return null;
        return {
          verdict: `${waits}: the IngressClass '${name}' belongs to ${controller}, so the Istio gateway gets no route for ${challenge.path}.`,
          evidence: sentences(
            `${titleOf(ingress)} asks for the class ${name}.`,
            says(challenge),
            describeAnswer(situation, challenge),
          ),
          remedy: `Use an IngressClass of the controller ${istioIngressController}, or point the host at the gateway of ${controller}.`,
        };
      },
    ),
    onTheWay('ingress-without-class', 'a solver Ingress without a class', (situation, challenge) => {
      const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
      if (ingress === undefined || classOf(ingress) !== null || hasAddress(ingress)) return null;
      const { ingressControllerMode, ingressClass } = situation.mesh;
      // Istio then serves it, as it serves those of its own class (meshConfig.ingressControllerMode).
      if (ingressControllerMode === 'DEFAULT' || reachesSolver(situation, challenge)) return null;
      return {
        verdict: `${waits}: ${titleOf(ingress)} names no class, and no controller serves it.`,
        evidence: sentences(says(challenge), describeAnswer(situation, challenge)),
        remedy: `Set class: ${ingressClass} in spec.acme.solvers[].http01.ingress of ${situation.issuerName} (or ingressClassName with an IngressClass of Istio).`,
      };
    }),
    onTheWay('http-route-not-accepted', 'a solver HTTPRoute that no Gateway accepts', (situation, challenge) => {
      for (const route of challenge.routes) {
        if (text(route, 'kind') !== 'HTTPRoute') continue;
        const wanted = list(route, 'spec', 'parentRefs').map((reference) => parentName(reference, route));
        const parents = list(route, 'status', 'parents');
        const conditions = parents.flatMap((parent) => list(parent, 'conditions'));
        const bad = conditions.find((each) => text(each, 'status') === 'False');
        // One parent that accepts it is enough. Others may refuse it, for example where an annotation names the same Gateway again.
        const gateways = parents.filter((parent) => !isOfMesh(field(parent, 'parentRef')));
        const isTaken = gateways.some((parent) => {
          const states = list(parent, 'conditions');
          return states.length > 0 && states.every((each) => text(each, 'status') === 'True');
        });
        if (isTaken || (gateways.length > 0 && bad === undefined)) continue;
        const untaken = bad === undefined ? whyNoController(route, situation) : null;
        if (bad === undefined && untaken === null) continue;
        const why =
          untaken ?? `${text(bad, 'type')} is False, ${text(bad, 'reason')}: ${quoted(text(bad, 'message') ?? '')}`;
        return {
          verdict: `${waits}: ${titleOf(route)} is not attached to ${wanted.join(', ') || 'any Gateway'}: ${why}.`,
          evidence: sentences(
            `It asks for ${wanted.join(', ') || 'no parent'}.`,
            says(challenge),
            describeAnswer(situation, challenge),
          ),
          remedy:
            'Set spec.acme.solvers[].http01.gatewayHTTPRoute.parentRefs to a Gateway with an HTTP listener on port 80 for the host. If the Gateway is in another namespace, its listener needs allowedRoutes.namespaces, whose default is Same.',
        };
      }
      return null;
    }),
    onTheWay(
      'route-not-on-http-listener',
      'a solver HTTPRoute that no listener on port 80 takes',
      (situation, challenge) => {
        if (reachesSolver(situation, challenge)) return null;
        for (const route of challenge.routes) {
          if (text(route, 'kind') !== 'HTTPRoute') continue;
          const parents = parentsOf(route, situation);
          const wanted = parents.flatMap(({ reference, parent }) => {
            const section = text(reference, 'sectionName');
            const port = field(reference, 'port');
            return listenersOf(parent)
              .filter(({ name }) => section === null || name === section)
              .filter((listener) => port === undefined || listener.port === port);
          });
          if (wanted.length === 0) continue;
          const taken = wanted.filter((listener) => whyNotTaken(listener, route, challenge.host, situation) === null);
          // The CA asks on port 80 (RFC 8555, section 8.3). A Service may map it to another port of a listener.
          if (taken.length === 0 || taken.some(({ protocol }) => protocol === 'HTTP')) continue;
          const refusing = parents
            .flatMap(({ parent }) => listenersOf(parent))
            .filter(({ protocol }) => protocol === 'HTTP');
          const why = refusing.map((listener) => {
            const reason = whyNotTaken(listener, route, challenge.host, situation);
            return `the ${listenerTitle(listener)}, where the CA asks, ${reason === null ? 'is not named by its parentRefs' : reason.replace(/^it /, '')}`;
          });
          return {
            verdict: `${waits}: the solver's ${titleOf(route)} is attached to the ${taken.map(listenerTitle).join(', ')} alone; ${why.join('; ') || 'the Gateway has no listener for plain HTTP on port 80, where the CA asks'}.`,
            evidence: sentences(
              ...wanted.map((listener) => {
                const reason = whyNotTaken(listener, route, challenge.host, situation);
                return `The ${listenerTitle(listener)} ${reason === null ? 'takes the route' : `does not take it: ${reason}`}.`;
              }),
              says(challenge),
              describeAnswer(situation, challenge),
            ),
            remedy:
              refusing.length === 0
                ? 'Add a listener for HTTP on port 80 that takes routes of the namespace.'
                : `Let the listener ${refusing[0]?.name} take the route: allowedRoutes.namespaces.from All (or Selector) and a hostname that covers ${challenge.host}. sectionName: ${refusing[0]?.name} in parentRefs of the solver shows such a refusal at once.`,
            confidence: 'inferred',
          };
        }
        return null;
      },
    ),
  ],
};

function annotatedClassOf(ingress: CurrentObject | undefined): string | null {
  return text(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
}

/** The class that an Ingress names, by field or by the older annotation. */
function classOf(ingress: CurrentObject): string | null {
  return (
    text(ingress, 'spec', 'ingressClassName') ?? text(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class')
  );
}

function hasAddress(ingress: CurrentObject): boolean {
  return list(ingress, 'status', 'loadBalancer', 'ingress').length > 0;
}

/** The empty group is that of Services. */
function groupOfParent(reference: unknown): string {
  const group = field(reference, 'group');
  return typeof group === 'string' ? group : gatewayApiGroup;
}

/** Whether a parent is a Service: its routes are for traffic inside the mesh (Gateway API, GAMMA). */
function isOfMesh(reference: unknown): boolean {
  return groupOfParent(reference) === '' && text(reference, 'kind') === 'Service';
}

/** Why no controller has said anything about a route, a clause; null where one may yet do so. */
function whyNoController(route: CurrentObject, situation: Situation): string | null {
  for (const reference of list(route, 'spec', 'parentRefs')) {
    const group = groupOfParent(reference);
    const kind = text(reference, 'kind') ?? 'Gateway';
    const name = parentName(reference, route);
    const isOfGatewayApi =
      /^gateway\.networking\.(?:x-)?k8s\.io$/.test(group) && /^(?:Gateway|X?ListenerSet)$/.test(kind);
    if (isOfMesh(reference))
      return `${name} is a parent for traffic inside the mesh alone, so no gateway has the route`;
    if (!isOfGatewayApi && !(group === 'networking.istio.io' && kind === 'ServiceEntry'))
      return `no controller takes routes of a parent of the kind ${kind}${group === gatewayApiGroup ? '' : ` in the group ${group === '' ? 'core' : group}`}, so no Gateway has the route`;
    const namespace = text(reference, 'namespace') ?? text(route, 'metadata', 'namespace') ?? '';
    const parent = situation.named(group, kind, { namespace, name: text(reference, 'name') ?? '' });
    if (parent === null) {
      if (situation.couldNotSee(kind)) continue;
      return `${name} does not exist`;
    }
    const className = text(parent, 'spec', 'gatewayClassName');
    const classes = situation.all(gatewayApiGroup, 'GatewayClass');
    const found = classes.find((each) => text(each, 'metadata', 'name') === className);
    if (className !== null && found === undefined && !situation.couldNotSee('GatewayClass'))
      return `the class ${className} of ${name} does not exist (GatewayClasses are ${classes.map((each) => text(each, 'metadata', 'name')).join(', ') || 'none'}), so no controller serves it`;
    const accepted = condition(parent, 'Accepted');
    if (accepted !== null && accepted.status !== 'True' && !isOnItsWay([parent], situation))
      return `${name} itself is not accepted: Accepted is ${accepted.status}, ${accepted.reason}: ${quoted(accepted.message)}`;
  }
  if (isOnItsWay([route], situation)) return null;
  return 'no controller accepted it';
}

function parentName(reference: unknown, route: CurrentObject): string {
  const namespace = text(reference, 'namespace') ?? text(route, 'metadata', 'namespace') ?? '';
  return `${text(reference, 'kind') ?? 'Gateway'} ${namespace}/${text(reference, 'name') ?? ''}`;
}
