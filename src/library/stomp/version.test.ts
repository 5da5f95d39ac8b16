import { describe, expect, it } from 'vitest';
import { Refusal } from '../errors.js';
import { chooseSubprotocol, highestVersionOf, negotiateVersion } from './version.js';

describe('negotiateVersion (STOMP 1.2, Protocol Negotiation)', () => {
  it.each([
    ['1.2', '1.2'],
    ['1.0,1.1,1.2', '1.2'],
    ['1.2,1.1,1.0', '1.2'],
    ['1.0,1.1,2.0', '1.1'],
    ['1.0', '1.0'],
    [' 1.1 , 1.0 ', '1.1'],
    ['1.3,,1.0', '1.0'],
  ])('takes the highest common version of %j: %s', (accepted, version) => {
    expect(negotiateVersion(accepted)).toBe(version);
  });

  it('takes a client without accept-version for one of 1.0', () => {
    expect(negotiateVersion(undefined)).toBe('1.0');
  });

  it.each(['2.0', '', '1', '1.20', '1.0 1.1', '01.2'])(
    'refuses %j and tells the versions that there are',
    (accepted) => {
      expect(() => negotiateVersion(accepted)).toThrow(
        expect.objectContaining({ code: 'unsupported_version', details: { version: '1.0,1.1,1.2' } }),
      );
      expect(() => negotiateVersion(accepted)).toThrow(Refusal);
    },
  );
});

describe('a subprotocol', () => {
  it.each([
    ['v10.stomp', '1.0,1.1,1.2', '1.0'],
    ['v11.stomp', '1.0,1.1,1.2', '1.1'],
    ['v12.stomp', '1.0,1.1,1.2', '1.2'],
    ['v12.stomp', '1.1', '1.1'],
    ['v11.stomp', undefined, '1.0'],
    ['', '1.2', '1.2'],
    [undefined, '1.2', '1.2'],
  ])('%s bounds what accept-version:%s comes to: %s', (subprotocol, accepted, version) => {
    expect(negotiateVersion(accepted, highestVersionOf(subprotocol))).toBe(version);
  });

  it('leaves nothing in common where the client takes higher versions only, and the ERROR says so', () => {
    expect(() => negotiateVersion('1.2', highestVersionOf('v11.stomp'))).toThrow(
      expect.objectContaining({ code: 'unsupported_version', details: { version: '1.0,1.1' } }),
    );
  });
});

describe('chooseSubprotocol', () => {
  it.each([
    [['v10.stomp', 'v11.stomp', 'v12.stomp'], 'v12.stomp'],
    [['v11.stomp', 'v10.stomp'], 'v11.stomp'],
    [['mqtt', 'v10.stomp'], 'v10.stomp'],
  ])('answers %j with %s', (offered, chosen) => {
    expect(chooseSubprotocol(new Set(offered))).toBe(chosen);
  });

  it('answers with none where none of ours was offered', () => {
    expect(chooseSubprotocol(['mqtt', 'V12.STOMP'])).toBeUndefined();
    expect(chooseSubprotocol([])).toBeUndefined();
  });
});
