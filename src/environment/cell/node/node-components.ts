import type { BinaryPath } from '../../../components/index.ts';
import { etcdArguments, etcdSocket } from '../prepared-state/etcd-arguments.ts';
import type { CellProcess } from '../processes/cell-process.ts';
import type { CellNetwork } from './cell-network.ts';
import { nodeFolder } from './node-configuration.ts';

const pki = `${nodeFolder}/pki`;

/** The control plane and the node's agents, in the order in which they are started. */
export function nodeComponents(binary: BinaryPath, nodeName: string, network: CellNetwork): readonly CellProcess[] {
  const kubeconfigOf = (identity: string) => `${nodeFolder}/${identity}.kubeconfig`;
  return [
    {
      name: 'etcd',
      startsWhen: 'folder-mounted',
      command: [binary('etcd'), ...etcdArguments(`${nodeFolder}/etcd`, `${nodeFolder}/${etcdSocket}`)],
    },
    {
      name: 'kube-apiserver',
      startsWhen: 'state-restored',
      command: [
        binary('kube-apiserver'),
        '--etcd-servers=http://127.0.0.1:2379',
        `--advertise-address=${network.nodeAddress}`,
        '--secure-port=6443',
        `--tls-cert-file=${pki}/apiserver.crt`,
        `--tls-private-key-file=${pki}/apiserver.key`,
        `--client-ca-file=${pki}/ca.crt`,
        `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
        `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
        `--kubelet-certificate-authority=${pki}/ca.crt`,
        '--kubelet-preferred-address-types=InternalIP',
        `--service-account-key-file=${pki}/service-account.pub`,
        `--service-account-signing-key-file=${pki}/service-account.key`,
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-cluster-ip-range=${network.serviceRange}`,
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--allow-privileged=true',
        '--profiling=false',
      ],
      // Collecting garbage later, a cell is up 0.7 s sooner; the limit keeps its peak until then at 1.0 GB instead of 1.4.
      environment: { GOGC: '400', GOMEMLIMIT: '600MiB' },
    },
    {
      name: 'containerd',
      startsWhen: 'at-once',
      command: [binary('containerd'), '--config', `${nodeFolder}/containerd.toml`, '--log-level', 'warn'],
    },
    {
      name: 'kube-controller-manager',
      startsWhen: 'api-server-ready',
      command: [
        binary('kube-controller-manager'),
        `--kubeconfig=${kubeconfigOf('controller-manager')}`,
        `--authentication-kubeconfig=${kubeconfigOf('controller-manager')}`,
        `--authorization-kubeconfig=${kubeconfigOf('controller-manager')}`,
        '--leader-elect=false',
        '--use-service-account-credentials=true',
        // It asks for the ServiceAccount and a token of each of its fifty controllers before it starts the first of them: at its
        // own 20 requests a second these alone take 4.5 s.
        '--kube-api-qps=500',
        '--kube-api-burst=1000',
        `--service-account-private-key-file=${pki}/service-account.key`,
        `--root-ca-file=${pki}/ca.crt`,
        '--allocate-node-cidrs=true',
        `--cluster-cidr=${network.podRange}`,
        `--service-cluster-ip-range=${network.serviceRange}`,
        `--cluster-signing-cert-file=${pki}/ca.crt`,
        `--cluster-signing-key-file=${pki}/ca.key`,
        '--profiling=false',
      ],
    },
    {
      name: 'kube-scheduler',
      startsWhen: 'api-server-ready',
      command: [
        binary('kube-scheduler'),
        `--kubeconfig=${kubeconfigOf('scheduler')}`,
        `--authentication-kubeconfig=${kubeconfigOf('scheduler')}`,
        `--authorization-kubeconfig=${kubeconfigOf('scheduler')}`,
        '--leader-elect=false',
        '--profiling=false',
      ],
    },
    {
      name: 'kubelet',
      startsWhen: 'api-server-answers',
      command: [
        binary('kubelet'),
        `--config=${nodeFolder}/kubelet.yaml`,
        `--kubeconfig=${kubeconfigOf('kubelet')}`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${network.nodeAddress}`,
        '--root-dir=/var/lib/kubelet',
      ],
    },
    {
      name: 'kube-proxy',
      startsWhen: 'api-server-ready',
      command: [binary('kube-proxy'), `--config=${nodeFolder}/kube-proxy.yaml`],
    },
  ];
}
