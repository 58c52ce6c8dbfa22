import { describe, expect, test } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import type { PageEvent } from '../../src/whatsapp/page-events.js';
import type { WAState } from '../../src/whatsapp/states.js';

const attached = (state: WAState, synced = false): PageEvent => ({
  type: 'attached',
  version: '2.3000.1',
  state,
  synced,
});
const state = (to: WAState): PageEvent => ({ type: 'state', state: to });
const synced = (is: boolean): PageEvent => ({ type: 'synced', synced: is });
const logout: PageEvent = { type: 'logout' };

/** What follows from these events, state changes left out. */
function follows(connection: Connection, ...events: PageEvent[]): string[] {
  return events
    .flatMap((event) => connection.handle(event))
    .filter((step) => step.do !== 'show_state')
    .map((step) => ('state' in step ? `${step.do} ${step.state}` : step.do));
}

function states(connection: Connection, ...events: PageEvent[]): string[] {
  return events
    .flatMap((event) => connection.handle(event))
    .flatMap((step) => (step.do === 'show_state' ? [step.state] : []));
}

function linked(): Connection {
  const connection = new Connection();
  follows(connection, attached('CONNECTED', true));
  return connection;
}

describe('linking', () => {
  test('a page that is not linked is offered a link once, however its states change', () => {
    const connection = new Connection();
    expect(follows(connection, attached('OPENING'), state('UNPAIRED'))).toEqual(['offer_link']);
    expect(follows(connection, state('UNPAIRED_IDLE'), state('UNPAIRED'))).toEqual([]);
    expect(follows(connection, state('TIMEOUT'), state('OPENING'), state('UNPAIRED'))).toEqual([]);
  });

  test('a scan leads to authenticated, then ready, once each', () => {
    const connection = new Connection();
    const before = follows(connection, attached('UNPAIRED'), state('PAIRING'), state('OPENING'));
    expect(before).toEqual(['offer_link']);
    expect(follows(connection, state('CONNECTED'), synced(true))).toEqual([
      'authenticated',
      'ready',
    ]);
    expect(connection).toMatchObject({ isLinked: true, isReady: true, isUnpaired: false });
  });

  test('a new document of a page that is not linked is offered a link again', () => {
    const connection = new Connection();
    follows(connection, attached('UNPAIRED'));
    expect(follows(connection, attached('OPENING'), state('UNPAIRED'))).toEqual(['offer_link']);
  });

  test.each<WAState>(['OPENING', 'UNLAUNCHED', 'PAIRING'])(
    'in %s it is not known yet whether the page is linked',
    (undecided) => {
      const connection = new Connection();
      expect(follows(connection, attached(undecided))).toEqual([]);
      expect(connection.isDecided).toBe(false);
    },
  );
});

describe('ready', () => {
  test('a page that had synced before it was attached is ready without any further event', () => {
    const connection = new Connection();
    expect(follows(connection, attached('CONNECTED', true))).toEqual(['authenticated', 'ready']);
  });

  test('a page that says again that it has synced is not ready again', () => {
    expect(follows(linked(), synced(true), synced(true))).toEqual([]);
  });

  test('a page that loses and regains its sync is ready again, once', () => {
    const connection = linked();
    expect(follows(connection, state('TIMEOUT'), synced(false))).toEqual([]);
    expect(connection.isReady).toBe(false);
    expect(follows(connection, state('OPENING'), state('CONNECTED'))).toEqual([]);
    expect(follows(connection, synced(true), synced(true))).toEqual(['ready']);
  });

  test('a page that navigates is ready again when the new document has synced', () => {
    const connection = linked();
    expect(follows(connection, attached('OPENING'))).toEqual([]);
    expect(connection.isReady).toBe(false);
    expect(follows(connection, state('CONNECTED'), synced(true))).toEqual(['ready']);
    expect(follows(connection, attached('CONNECTED', true))).toEqual(['ready']);
  });

  test('a page that syncs without having said that it is connected is linked and ready', () => {
    const connection = new Connection();
    expect(follows(connection, attached('UNPAIRED'), synced(true))).toEqual([
      'offer_link',
      'authenticated',
      'ready',
    ]);
    expect(follows(connection, state('CONNECTED'), synced(true))).toEqual([]);
  });

  test('a page that is not linked when it is attached is not ready, whatever it says of its sync', () => {
    const connection = new Connection();
    expect(follows(connection, attached('UNPAIRED', true))).toEqual(['offer_link']);
    expect(connection).toMatchObject({ isLinked: false, isReady: false });
  });
});

describe('states', () => {
  test('each change of state is shown once; the first state is none', () => {
    const connection = new Connection();
    expect(states(connection, attached('OPENING'))).toEqual([]);
    expect(states(connection, state('CONNECTED'), state('CONNECTED'), synced(true))).toEqual([
      'CONNECTED',
    ]);
    expect(states(connection, attached('OPENING'))).toEqual(['OPENING']);
  });

  test('a new document in the state the old one had is no change', () => {
    expect(states(linked(), attached('CONNECTED', true))).toEqual([]);
  });

  test.each<WAState>(['UNPAIRED', 'UNPAIRED_IDLE'])(
    'a linked page in %s is doubted, and trusted again when it passes',
    (unpaired) => {
      const connection = linked();
      expect(follows(connection, state(unpaired))).toEqual(['doubt']);
      expect(connection).toMatchObject({ isLinked: true, isUnpaired: false });
      expect(follows(connection, state('CONNECTED'))).toEqual(['trust']);
      expect(follows(connection, state('TIMEOUT'))).toEqual([]);
    },
  );

  test('CONFLICT on a linked page is a conflict, each time', () => {
    const connection = linked();
    expect(follows(connection, state('CONFLICT'))).toEqual(['conflict']);
    expect(follows(connection, state('OPENING'), state('CONNECTED'))).toEqual([]);
    expect(follows(connection, state('CONFLICT'))).toEqual(['conflict']);
  });

  test.each<WAState>(['PROXYBLOCK', 'TOS_BLOCK', 'SMB_TOS_BLOCK', 'DEPRECATED_VERSION'])(
    '%s is given up, linked or not',
    (blocked) => {
      expect(follows(linked(), state(blocked))).toEqual([`give_up ${blocked}`]);
      expect(follows(new Connection(), attached(blocked))).toEqual([`give_up ${blocked}`]);
    },
  );

  test.each<WAState>(['TIMEOUT', 'OPENING', 'UNLAUNCHED', 'PAIRING'])(
    '%s on a linked page passes by itself',
    (passing) => {
      const connection = linked();
      expect(follows(connection, state(passing), state('CONNECTED'))).toEqual([]);
      expect(connection.isLinked).toBe(true);
    },
  );
});

describe('logout', () => {
  test('a logout is an unlink once, and nothing follows it', () => {
    const connection = linked();
    expect(follows(connection, logout, logout)).toEqual(['unlinked']);
    expect(follows(connection, state('UNPAIRED'), attached('UNPAIRED'), synced(true))).toEqual([]);
  });

  test('a logout announced before the page was seen to be linked is one too', () => {
    const connection = new Connection();
    expect(follows(connection, attached('OPENING'), logout)).toEqual(['unlinked']);
  });
});
