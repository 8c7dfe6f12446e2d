import type { DiscoveryService } from '@nestjs/core';
import { applyDecorators, Controller } from '@nestjs/common';
import { EndpointNames } from './endpoint-names.js';

const GATES = new EndpointNames('gate', ['north', 'south']);

const at = (path: string, gate?: 'north' | 'south'): ClassDecorator => applyDecorators(Controller(path), GATES.give(gate));

@at('north', 'north')
class NorthController {}

@at('/back', 'south')
class SouthController {}

@at('/other-back', 'south')
class OtherSouthController {}

@at('/garden')
class GardenController {}

const pathsOf = (...controllers: object[]): unknown => {
  const found = controllers.map((metatype) => ({ metatype }));
  return GATES.pathsOf({ getControllers: () => found as ReturnType<DiscoveryService['getControllers']> });
};

describe('names of endpoints', () => {
  it('lead to the path of the controller that bears each', () => {
    expect(pathsOf(GardenController, NorthController, SouthController)).toEqual({ north: '/north', south: '/back' });
  });

  it('stop the start if one has no endpoint', () => {
    expect(() => pathsOf(NorthController, GardenController)).toThrow(
      'The gate “south” has no endpoint: name it in the decorator of one controller.',
    );
  });

  it('stop the start if one has several endpoints', () => {
    expect(() => pathsOf(NorthController, SouthController, OtherSouthController)).toThrow(
      'The gate “south” has several endpoints (OtherSouthController, SouthController): only one may name it.',
    );
  });
});
