import { Controller } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MessageMapping, SendTo, SendToUser } from '../../src/library/exports/carillon.js';
import type { TestClient } from '../../src/library/testing/test-client.js';
import { bodies, SpringApplication } from './spring-application.js';

/** What Spring's own tests state, in their words; where Carillon differs on purpose, docs/from-spring.md says so. */
@Controller()
class SendToController {
  @MessageMapping('/dest')
  noAnnotation(): string {
    return 'noAnnotation';
  }

  @MessageMapping('/dest.foo.bar')
  dotted(): string {
    return 'dotted';
  }

  @MessageMapping('/two')
  @SendTo('/topic/dest1', '/topic/dest2')
  two(): string {
    return 'two';
  }

  @MessageMapping('/empty')
  @SendTo()
  empty(): string {
    return 'empty';
  }

  @MessageMapping('/placeholder/{roomName}')
  @SendTo('/topic/chat.{roomName}')
  placeholder(): string {
    return 'placeholder';
  }

  @MessageMapping('/user/two')
  @SendToUser('/queue/dest1', '/queue/dest2')
  userTwo(): string {
    return 'userTwo';
  }

  @MessageMapping('/user/default')
  @SendToUser()
  userDefault(): string {
    return 'userDefault';
  }

  @MessageMapping('/user/single')
  @SendToUser('/queue/dest1', { broadcast: false })
  userSingle(): string {
    return 'userSingle';
  }

  @MessageMapping('/both')
  @SendToUser('/queue/dest1', '/queue/dest2')
  @SendTo('/topic/dest1', '/topic/dest2')
  both(): string {
    return 'both';
  }
}

@Controller()
@SendTo('/topic/class')
class ClassSendToController {
  @MessageMapping('/class/none')
  none(): string {
    return 'none';
  }

  @MessageMapping('/class/empty')
  @SendTo()
  empty(): string {
    return 'empty';
  }

  @MessageMapping('/class/own')
  @SendTo('/topic/own')
  own(): string {
    return 'own';
  }
}

@Controller()
@SendToUser('/queue/class')
class ClassSendToUserController {
  @MessageMapping('/user-class/none')
  none(): string {
    return 'none';
  }

  @MessageMapping('/user-class/empty')
  @SendTo()
  empty(): string {
    return 'empty';
  }

  @MessageMapping('/user-class/empty-user')
  @SendToUser()
  emptyUser(): string {
    return 'emptyUser';
  }

  @MessageMapping('/user-class/own-user')
  @SendToUser('/queue/own')
  ownUser(): string {
    return 'ownUser';
  }

  @MessageMapping('/user-class/own')
  @SendTo('/topic/own')
  own(): string {
    return 'own';
  }
}

const application = new SpringApplication();
const { heard } = application;
let joe: TestClient;

beforeAll(() => application.open(SendToController, ClassSendToController, ClassSendToUserController));
afterAll(() => application.close());
beforeEach(async () => {
  joe = await application.connect('joe');
});
afterEach(() => application.reset());

describe('SendToMethodReturnValueHandlerTests', () => {
  it.each<[fact: string, sent: string, ...heard: string[]]>([
    ['no annotation → /topic/dest', '/app/dest', '/topic/dest'],
    ['@SendTo({"/dest1","/dest2"}) → 2 sends', '/app/two', '/topic/dest1', '/topic/dest2'],
    ['empty @SendTo → /topic/dest', '/app/empty', '/topic/empty'],
    ['class default used without method annotation', '/app/class/none', '/topic/class'],
    ['class default used with empty method annotation', '/app/class/empty', '/topic/class'],
    ['method value overrides class', '/app/class/own', '/topic/own'],
    [
      '@SendToUser class default used without method annotation',
      '/app/user-class/none',
      '/user/joe/queue/class',
    ],
    [
      '@SendToUser class default used with empty method annotation',
      '/app/user-class/empty-user',
      '/user/joe/queue/class',
    ],
    ['@SendToUser method value overrides class', '/app/user-class/own-user', '/user/joe/queue/own'],
    [
      'class @SendToUser + method @SendTo empty → class one (SPR-14238)',
      '/app/user-class/empty',
      '/user/joe/queue/class',
    ],
    [
      'class @SendToUser + method @SendTo with values → method only (SPR-14238)',
      '/app/user-class/own',
      '/topic/own',
    ],
    ['dot lookup `dest.foo.bar` → /topic/dest.foo.bar', '/app/dest.foo.bar', '/topic/dest.foo.bar'],
    ['`{roomName}` placeholder expanded', '/app/placeholder/roomA', '/topic/chat.roomA'],
    ['@SendToUser → /user/name/dest1,2', '/app/user/two', '/user/joe/queue/dest1', '/user/joe/queue/dest2'],
    ['default → /user/name/queue/dest', '/app/user/default', '/user/joe/queue/user/default'],
    [
      'both annotations → 4 sends, user ones first',
      '/app/both',
      ...['/user/joe/queue/dest1', '/user/joe/queue/dest2', '/topic/dest1', '/topic/dest2'],
    ],
  ])('%s', async (_, sent, ...addresses) => {
    await joe.subscribe('/topic/**');
    for (const queue of ['class', 'own', 'dest1', 'dest2', 'user/default'])
      await joe.subscribe(`/user/queue/${queue}`);

    await joe.send(sent);

    expect(heard).toEqual(addresses);
  });

  it('broadcast=false → the session that sent alone', async () => {
    const other = await application.connect('joe');
    const [here, there] = [
      await joe.subscribe('/user/queue/dest1'),
      await other.subscribe('/user/queue/dest1'),
    ];

    await joe.send('/app/user/single');
    await joe.send('/app/user/two');

    expect(await bodies(here, 2)).toEqual(['userSingle', 'userTwo']);
    expect(await bodies(there, 1)).toEqual(['userTwo']);
  });
});
