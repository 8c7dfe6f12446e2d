import { Test } from '@nestjs/testing';
import { DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { Command, HandlesCommand, HandlesQuery, OneHandlerEach, Query } from '#kernel/bus.js';

class OpenGate extends Command<string> {}
class IsGateOpen extends Query<boolean> {}

@HandlesCommand(OpenGate)
class OpenGateHandler {
  execute(): Promise<string> {
    return Promise.resolve('open');
  }
}

@HandlesCommand(OpenGate)
class OtherOpenGateHandler {
  execute(): Promise<string> {
    return Promise.resolve('ajar');
  }
}

@HandlesQuery(IsGateOpen)
class IsGateOpenHandler {
  execute(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

@HandlesQuery(IsGateOpen)
class OtherIsGateOpenHandler {
  execute(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

async function start(...handlers: (new () => object)[]): Promise<void> {
  const app = await Test.createTestingModule({
    imports: [CqrsModule.forRoot(), DiscoveryModule],
    providers: [OneHandlerEach, ...handlers],
  }).compile();
  await app.init();
  await app.close();
}

describe('a server', () => {
  it('starts with one handler for each command and query', async () => {
    await expect(start(OpenGateHandler, IsGateOpenHandler)).resolves.toBeUndefined();
  });

  it('does not start with a second handler for a command', async () => {
    await expect(start(OpenGateHandler, OtherOpenGateHandler)).rejects.toThrow(
      'OpenGate has two handlers: OpenGateHandler and OtherOpenGateHandler',
    );
  });

  it('does not start with a second handler for a query', async () => {
    await expect(start(IsGateOpenHandler, OtherIsGateOpenHandler)).rejects.toThrow('IsGateOpen has two handlers');
  });
});
