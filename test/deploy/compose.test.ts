import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LEAST_GRACE_S, readText, readYaml, root, SECRETS } from './deploy-files.js';

interface Service {
  command: string[];
  environment: Record<string, string>;
  ports?: string[];
  stop_grace_period: string;
  depends_on: Record<string, { condition: string }>;
  security_opt: string[];
  build: string;
}

const FOLDER = 'deploy/compose';
const text = readText(`${FOLDER}/compose.yaml`);
const { services } = readYaml<{ services: Record<string, Service> }>(`${FOLDER}/compose.yaml`);
const workers = Object.entries(services).filter(([name]) => name.startsWith('worker-'));

test('two workers share the secrets, and each tells the others its own address', () => {
  expect(workers).toHaveLength(2);
  for (const [name, { command, environment }] of workers) {
    expect(command[0]).toBe('serve');
    expect(command).toContain(`--address=http://${name}:8480`);
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(SECRETS));
  }
});

test('a worker waits for the database, and has the time to hand its sessions over', () => {
  for (const [, { depends_on, stop_grace_period }] of workers) {
    expect(depends_on).toEqual({ mongodb: { condition: 'service_healthy' } });
    expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(LEAST_GRACE_S);
  }
});

test('nothing is published beyond this machine', () => {
  const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('every secret must be filled in, and the example of the file with them names each', () => {
  const variables = [...text.matchAll(/\$\{(\w+)([^}]*)\}/g)];
  const example = readText(`${FOLDER}/.env.example`);
  for (const [, name, rest] of variables) {
    expect(rest, name).toBe(':?');
    expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  }
});

test('the files that it names are there', () => {
  for (const [, { build, security_opt }] of workers) {
    const profile = security_opt.find((option) => option.startsWith('seccomp:'))?.slice(8) ?? '';
    expect(existsSync(path.join(root, FOLDER, build, 'Dockerfile'))).toBe(true);
    expect(existsSync(path.join(root, FOLDER, profile))).toBe(true);
  }
});
