import { describe, expect, it } from 'vitest';
import type { Notification, NotificationPage } from '../api/types.js';
import { emptyList, visible, withArrival, withMarks, withNews, withPage } from './inbox-list.js';

function item(seq: number, rest: Partial<Notification> = {}): Notification {
  return {
    ...{ id: 100 + seq, seq, cursor: `e:${seq}`, message: `No ${seq}`, timestamp: '2026-11-21T10:00:00Z' },
    ...{
      userId: 7,
      deliveredAt: null,
      type: 'message',
      data: {},
      isRead: false,
      isSeen: false,
      isArchived: false,
    },
    ...rest,
  };
}

function page(seqs: readonly number[], next: string | null): NotificationPage {
  const items = seqs.map((seq) => item(seq));
  return { items, next, counts: { unseen: 9, unread: 9 }, cursor: `e:${seqs[0] ?? 0}` };
}

const none = new Set<number>();
const seqs = (items: readonly Notification[]) => items.map(({ seq }) => seq);

describe('pages and arrivals', () => {
  it('make one list, newest first, each once', () => {
    let list = withPage(emptyList<Notification>(), 'all', page([5, 4, 3], 'm3'), true);
    list = withArrival(list, item(6));
    list = withArrival(list, item(6));
    list = withPage(list, 'all', page([3, 2, 1], null), false);

    expect(seqs(visible(list, 'all', none))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('count an arrival once, however often it is replayed', () => {
    let list = withPage(emptyList<Notification>(), 'all', page([5], null), true);
    list = withArrival(withArrival(list, item(6)), item(6));

    expect(list.counts).toEqual({ unseen: 10, unread: 10 });
    expect(list.cursor).toBe('e:6');
  });

  it('after a reconnect keep what was loaded further down', () => {
    let list = withPage(emptyList<Notification>(), 'all', page([5, 4, 3], 'm3'), true);
    list = withPage(list, 'all', page([3, 2, 1], null), false);
    list = withPage(list, 'all', page([7, 6, 5], 'm5'), true);

    expect(seqs(visible(list, 'all', none))).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(list.extents.all?.next).toBeNull();
  });

  it('show no hole: after a long absence the list begins anew below the fresh page', () => {
    let list = withPage(emptyList<Notification>(), 'all', page([5, 4, 3], 'm3'), true);
    list = withArrival(list, item(90));
    list = withPage(list, 'all', page([90, 89, 88], 'm88'), true);

    expect(seqs(visible(list, 'all', none))).toEqual([90, 89, 88]);
    expect(list.extents.all?.next).toBe('m88');
  });

  it('a long list of read ones doesn’t show unread rows below a gap', () => {
    let list = withPage(emptyList<Notification>(), 'all', page([50, 49], 'm49'), true);
    list = withPage(list, 'unread', page([50, 20, 10], 'm10'), true);

    expect(seqs(visible(list, 'all', none))).toEqual([50, 49]);
    expect(seqs(visible(list, 'unread', none))).toEqual([50, 49, 20, 10]);
  });
});

describe('marks', () => {
  const list = withPage(emptyList<Notification>(), 'all', page([3, 2, 1], null), true);

  it('reading takes from both counts once, since what is read has been seen', () => {
    let read = withMarks(list, [103, 102], { isRead: true });
    read = withMarks(read, [103], { isRead: true });

    expect(read.counts).toEqual({ unseen: 7, unread: 7 });
  });

  it('seeing clears the badge and leaves rows unread', () => {
    const seen = withMarks(list, [103, 102, 101], { isSeen: true });

    expect(seen.counts).toEqual({ unseen: 6, unread: 9 });
    expect(seqs(visible(seen, 'unread', none))).toEqual([3, 2, 1]);
  });

  it('can be taken back', () => {
    const back = withMarks(withMarks(list, [103], { isArchived: true }), [103], {
      isArchived: false,
      isSeen: false,
    });

    expect(back.counts).toEqual(list.counts);
    expect(seqs(visible(back, 'all', none))).toEqual([3, 2, 1]);
  });

  it('a row that was read just now stays under the pointer', () => {
    const read = withMarks(list, [102], { isRead: true });

    expect(seqs(visible(read, 'unread', none))).toEqual([3, 1]);
    expect(seqs(visible(read, 'unread', new Set([102])))).toEqual([3, 2, 1]);
  });
});

describe('news of another window', () => {
  const list = withPage(emptyList<Notification>(), 'all', page([5, 4, 3], null), true);
  const counts = { unseen: 1, unread: 2 };

  it('mark the rows that they name, and bring the server’s counts', () => {
    const next = withNews(list, { counts, ids: [104, 999], state: 'read' });

    expect(next.byId.get(104)).toMatchObject({ isRead: true, isSeen: true });
    expect(next.byId.get(105)).toMatchObject({ isRead: false });
    expect(next.counts).toEqual(counts);
  });

  it('mark what was listed up to a cursor', () => {
    const next = withNews(list, { counts, upTo: 'e:4', filter: 'unread', state: 'seen' });

    expect(seqs([...next.byId.values()].filter(({ isSeen }) => isSeen))).toEqual([4, 3]);
  });

  it('mark all that is there when the cursor is the head', () => {
    const next = withNews(list, { counts, upTo: 'e:5', state: 'archived' });

    expect(visible(next, 'all', none)).toEqual([]);
  });

  it('are only counts when something rang', () => {
    expect(withNews(list, { counts })).toEqual({ ...list, counts });
  });
});
