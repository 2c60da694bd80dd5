import { servedByOwnGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  ...rotationIngressGateway,
  id: 'rotation-gateway-api',
  title: rotationIngressGateway.title.replace('the Istio ingress gateway', 'a Gateway of the Gateway API'),
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'renewal', 'handshakes', 'further-ca'],
  manifests: http01GatewayApi.manifests,
  sharedNamespaces: () => [],
  subject: servedByOwnGateway,
});
