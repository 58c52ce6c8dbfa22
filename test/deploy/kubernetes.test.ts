import { expect, test } from 'vitest';
import { LEAST_GRACE_S, readManifests, SECRETS } from './deploy-files.js';

interface Probe {
  httpGet: { path: string; port: string };
}

interface Pod {
  metadata: { labels: Record<string, string> };
  spec: {
    terminationGracePeriodSeconds: number;
    automountServiceAccountToken: boolean;
    securityContext: object;
    containers: [
      {
        args: string[];
        env: { name: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
        envFrom: { secretRef: { name: string } }[];
        ports: { name: string; containerPort: number }[];
        readinessProbe: Probe;
        livenessProbe: Probe;
        securityContext: object;
      },
    ];
  };
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  stringData: Record<string, string>;
  spec: { template: Pod; selector: object; ports: { targetPort: string }[] };
}

const manifests = readManifests<Manifest>('deploy/kubernetes/holdfast.yaml');

function ofKind(kind: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

const pod = ofKind('Deployment').spec.template;
const [container] = pod.spec.containers;

test('a pod is ready by its place in the fleet, and lives as long as its process answers', () => {
  expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
  expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' });
  expect(container.ports).toEqual([{ name: 'http', containerPort: 8480 }]);
});

test('a pod has the time to hand its sessions over', () => {
  expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(LEAST_GRACE_S);
});

test('a pod tells the others its own address', () => {
  expect(container.args).toContain('--address=http://$(POD_IP):8480');
  const { valueFrom } = container.env.find(({ name }) => name === 'POD_IP') ?? {};
  expect(valueFrom).toEqual({ fieldRef: { fieldPath: 'status.podIP' } });
});

test('the secrets are given, and none has a value that somebody might keep', () => {
  const secret = ofKind('Secret');
  expect(secret.stringData).toEqual(Object.fromEntries(SECRETS.map((name) => [name, ''])));
  expect(container.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }]);
});

test('the service leads to the pods', () => {
  const { spec } = ofKind('Service');
  expect(pod.metadata.labels).toMatchObject(spec.selector);
  expect(spec.ports.map(({ targetPort }) => targetPort)).toEqual(['http']);
});

test('a pod fits the Pod Security Standard "restricted"', () => {
  expect(pod.spec).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});
