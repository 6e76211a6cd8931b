// Generated from schemas/security.schema by generator/generate.mjs; change that and run it.
import { checkVersion, type Api } from '../api.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

export interface DescribeAclsRequest {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

export interface DescribeAclsRequestInput {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter?: string | null | undefined;
  readonly patternTypeFilter?: number | undefined;
  readonly principalFilter?: string | null | undefined;
  readonly hostFilter?: string | null | undefined;
  readonly operation: number;
  readonly permissionType: number;
}

function writeDescribeAclsRequest(w: Writer, v: DescribeAclsRequestInput, version: number): void {
  const flexible = version >= 2;
  w.int8(v.resourceTypeFilter);
  w.nullableString((v.resourceNameFilter ?? null), flexible);
  w.int8((v.patternTypeFilter ?? 3));
  w.nullableString((v.principalFilter ?? null), flexible);
  w.nullableString((v.hostFilter ?? null), flexible);
  w.int8(v.operation);
  w.int8(v.permissionType);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeAclsRequest(r: Reader, version: number): DescribeAclsRequest {
  const flexible = version >= 2;
  const resourceTypeFilter = r.int8();
  const resourceNameFilter = r.nullableString(flexible);
  const patternTypeFilter = r.int8();
  const principalFilter = r.nullableString(flexible);
  const hostFilter = r.nullableString(flexible);
  const operation = r.int8();
  const permissionType = r.int8();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceTypeFilter, resourceNameFilter, patternTypeFilter, principalFilter, hostFilter, operation, permissionType };
}

function completeDescribeAclsRequest(v: DescribeAclsRequestInput): DescribeAclsRequest {
  return {
    resourceTypeFilter: v.resourceTypeFilter,
    resourceNameFilter: (v.resourceNameFilter ?? null),
    patternTypeFilter: (v.patternTypeFilter ?? 3),
    principalFilter: (v.principalFilter ?? null),
    hostFilter: (v.hostFilter ?? null),
    operation: v.operation,
    permissionType: v.permissionType,
  };
}

export interface DescribeAclsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resources: readonly DescribeAclsResponseResource[];
}

export interface DescribeAclsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly resources: readonly DescribeAclsResponseResourceInput[];
}

export interface DescribeAclsResponseResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly acls: readonly DescribeAclsResponseAcl[];
}

export interface DescribeAclsResponseResourceInput {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType?: number | undefined;
  readonly acls: readonly DescribeAclsResponseAclInput[];
}

export interface DescribeAclsResponseAcl {
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export interface DescribeAclsResponseAclInput {
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function writeDescribeAclsResponse(w: Writer, v: DescribeAclsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  {
    const resourcesItems = v.resources;
    w.arrayLength(resourcesItems.length, flexible);
    for (const item of resourcesItems) writeDescribeAclsResponseResource(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeAclsResponse(r: Reader, version: number): DescribeAclsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  let resources: DescribeAclsResponseResource[] = [];
  for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) resources.push(readDescribeAclsResponseResource(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, errorMessage, resources };
}

function completeDescribeAclsResponse(v: DescribeAclsResponseInput): DescribeAclsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    resources: v.resources.map(completeDescribeAclsResponseResource),
  };
}

function writeDescribeAclsResponseResource(w: Writer, v: DescribeAclsResponseResourceInput, version: number): void {
  const flexible = version >= 2;
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  w.int8((v.patternType ?? 3));
  {
    const aclsItems = v.acls;
    w.arrayLength(aclsItems.length, flexible);
    for (const item of aclsItems) writeDescribeAclsResponseAcl(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeAclsResponseResource(r: Reader, version: number): DescribeAclsResponseResource {
  const flexible = version >= 2;
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  const patternType = r.int8();
  let acls: DescribeAclsResponseAcl[] = [];
  for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) acls.push(readDescribeAclsResponseAcl(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceType, resourceName, patternType, acls };
}

function completeDescribeAclsResponseResource(v: DescribeAclsResponseResourceInput): DescribeAclsResponseResource {
  return {
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    patternType: (v.patternType ?? 3),
    acls: v.acls.map(completeDescribeAclsResponseAcl),
  };
}

function writeDescribeAclsResponseAcl(w: Writer, v: DescribeAclsResponseAclInput, version: number): void {
  const flexible = version >= 2;
  w.string(v.principal, flexible);
  w.string(v.host, flexible);
  w.int8(v.operation);
  w.int8(v.permissionType);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeAclsResponseAcl(r: Reader, version: number): DescribeAclsResponseAcl {
  const flexible = version >= 2;
  const principal = r.string(flexible);
  const host = r.string(flexible);
  const operation = r.int8();
  const permissionType = r.int8();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { principal, host, operation, permissionType };
}

function completeDescribeAclsResponseAcl(v: DescribeAclsResponseAclInput): DescribeAclsResponseAcl {
  return {
    principal: v.principal,
    host: v.host,
    operation: v.operation,
    permissionType: v.permissionType,
  };
}

export const describeAclsApi: Api<DescribeAclsRequest, DescribeAclsResponse, DescribeAclsRequestInput, DescribeAclsResponseInput> = {
  key: 29,
  name: 'DescribeAcls',
  minVersion: 1,
  maxVersion: 3,
  advertisedMinVersion: 1,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: DescribeAclsRequestInput, version: number): void {
    checkVersion('DescribeAcls', version, 1, 3);
    writeDescribeAclsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeAclsRequest {
    checkVersion('DescribeAcls', version, 1, 3);
    return readDescribeAclsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeAclsResponseInput, version: number): void {
    checkVersion('DescribeAcls', version, 1, 3);
    writeDescribeAclsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeAclsResponse {
    checkVersion('DescribeAcls', version, 1, 3);
    return readDescribeAclsResponse(r, version);
  },
  completeRequest: completeDescribeAclsRequest,
  completeResponse: completeDescribeAclsResponse,
};

export interface CreateAclsRequest {
  readonly creations: readonly CreateAclsRequestCreation[];
}

export interface CreateAclsRequestInput {
  readonly creations: readonly CreateAclsRequestCreationInput[];
}

export interface CreateAclsRequestCreation {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export interface CreateAclsRequestCreationInput {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType?: number | undefined;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function writeCreateAclsRequest(w: Writer, v: CreateAclsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const creationsItems = v.creations;
    w.arrayLength(creationsItems.length, flexible);
    for (const item of creationsItems) writeCreateAclsRequestCreation(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateAclsRequest(r: Reader, version: number): CreateAclsRequest {
  const flexible = version >= 2;
  let creations: CreateAclsRequestCreation[] = [];
  for (let left = r.arrayLength(flexible, 8); left > 0; left -= 1) creations.push(readCreateAclsRequestCreation(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { creations };
}

function completeCreateAclsRequest(v: CreateAclsRequestInput): CreateAclsRequest {
  return {
    creations: v.creations.map(completeCreateAclsRequestCreation),
  };
}

function writeCreateAclsRequestCreation(w: Writer, v: CreateAclsRequestCreationInput, version: number): void {
  const flexible = version >= 2;
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  w.int8((v.resourcePatternType ?? 3));
  w.string(v.principal, flexible);
  w.string(v.host, flexible);
  w.int8(v.operation);
  w.int8(v.permissionType);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateAclsRequestCreation(r: Reader, version: number): CreateAclsRequestCreation {
  const flexible = version >= 2;
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  const resourcePatternType = r.int8();
  const principal = r.string(flexible);
  const host = r.string(flexible);
  const operation = r.int8();
  const permissionType = r.int8();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType };
}

function completeCreateAclsRequestCreation(v: CreateAclsRequestCreationInput): CreateAclsRequestCreation {
  return {
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    resourcePatternType: (v.resourcePatternType ?? 3),
    principal: v.principal,
    host: v.host,
    operation: v.operation,
    permissionType: v.permissionType,
  };
}

export interface CreateAclsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly CreateAclsResponseResult[];
}

export interface CreateAclsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly results: readonly CreateAclsResponseResultInput[];
}

export interface CreateAclsResponseResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface CreateAclsResponseResultInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeCreateAclsResponse(w: Writer, v: CreateAclsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, flexible);
    for (const item of resultsItems) writeCreateAclsResponseResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateAclsResponse(r: Reader, version: number): CreateAclsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let results: CreateAclsResponseResult[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) results.push(readCreateAclsResponseResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, results };
}

function completeCreateAclsResponse(v: CreateAclsResponseInput): CreateAclsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    results: v.results.map(completeCreateAclsResponseResult),
  };
}

function writeCreateAclsResponseResult(w: Writer, v: CreateAclsResponseResultInput, version: number): void {
  const flexible = version >= 2;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readCreateAclsResponseResult(r: Reader, version: number): CreateAclsResponseResult {
  const flexible = version >= 2;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage };
}

function completeCreateAclsResponseResult(v: CreateAclsResponseResultInput): CreateAclsResponseResult {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const createAclsApi: Api<CreateAclsRequest, CreateAclsResponse, CreateAclsRequestInput, CreateAclsResponseInput> = {
  key: 30,
  name: 'CreateAcls',
  minVersion: 1,
  maxVersion: 3,
  advertisedMinVersion: 1,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: CreateAclsRequestInput, version: number): void {
    checkVersion('CreateAcls', version, 1, 3);
    writeCreateAclsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): CreateAclsRequest {
    checkVersion('CreateAcls', version, 1, 3);
    return readCreateAclsRequest(r, version);
  },
  encodeResponse(w: Writer, response: CreateAclsResponseInput, version: number): void {
    checkVersion('CreateAcls', version, 1, 3);
    writeCreateAclsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): CreateAclsResponse {
    checkVersion('CreateAcls', version, 1, 3);
    return readCreateAclsResponse(r, version);
  },
  completeRequest: completeCreateAclsRequest,
  completeResponse: completeCreateAclsResponse,
};

export interface DeleteAclsRequest {
  readonly filters: readonly DeleteAclsRequestFilter[];
}

export interface DeleteAclsRequestInput {
  readonly filters: readonly DeleteAclsRequestFilterInput[];
}

export interface DeleteAclsRequestFilter {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

export interface DeleteAclsRequestFilterInput {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter?: string | null | undefined;
  readonly patternTypeFilter?: number | undefined;
  readonly principalFilter?: string | null | undefined;
  readonly hostFilter?: string | null | undefined;
  readonly operation: number;
  readonly permissionType: number;
}

function writeDeleteAclsRequest(w: Writer, v: DeleteAclsRequestInput, version: number): void {
  const flexible = version >= 2;
  {
    const filtersItems = v.filters;
    w.arrayLength(filtersItems.length, flexible);
    for (const item of filtersItems) writeDeleteAclsRequestFilter(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteAclsRequest(r: Reader, version: number): DeleteAclsRequest {
  const flexible = version >= 2;
  let filters: DeleteAclsRequestFilter[] = [];
  for (let left = r.arrayLength(flexible, 8); left > 0; left -= 1) filters.push(readDeleteAclsRequestFilter(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { filters };
}

function completeDeleteAclsRequest(v: DeleteAclsRequestInput): DeleteAclsRequest {
  return {
    filters: v.filters.map(completeDeleteAclsRequestFilter),
  };
}

function writeDeleteAclsRequestFilter(w: Writer, v: DeleteAclsRequestFilterInput, version: number): void {
  const flexible = version >= 2;
  w.int8(v.resourceTypeFilter);
  w.nullableString((v.resourceNameFilter ?? null), flexible);
  w.int8((v.patternTypeFilter ?? 3));
  w.nullableString((v.principalFilter ?? null), flexible);
  w.nullableString((v.hostFilter ?? null), flexible);
  w.int8(v.operation);
  w.int8(v.permissionType);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteAclsRequestFilter(r: Reader, version: number): DeleteAclsRequestFilter {
  const flexible = version >= 2;
  const resourceTypeFilter = r.int8();
  const resourceNameFilter = r.nullableString(flexible);
  const patternTypeFilter = r.int8();
  const principalFilter = r.nullableString(flexible);
  const hostFilter = r.nullableString(flexible);
  const operation = r.int8();
  const permissionType = r.int8();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { resourceTypeFilter, resourceNameFilter, patternTypeFilter, principalFilter, hostFilter, operation, permissionType };
}

function completeDeleteAclsRequestFilter(v: DeleteAclsRequestFilterInput): DeleteAclsRequestFilter {
  return {
    resourceTypeFilter: v.resourceTypeFilter,
    resourceNameFilter: (v.resourceNameFilter ?? null),
    patternTypeFilter: (v.patternTypeFilter ?? 3),
    principalFilter: (v.principalFilter ?? null),
    hostFilter: (v.hostFilter ?? null),
    operation: v.operation,
    permissionType: v.permissionType,
  };
}

export interface DeleteAclsResponse {
  readonly throttleTimeMs: number;
  readonly filterResults: readonly DeleteAclsResponseFilterResult[];
}

export interface DeleteAclsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly filterResults: readonly DeleteAclsResponseFilterResultInput[];
}

export interface DeleteAclsResponseFilterResult {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly matchingAcls: readonly DeleteAclsResponseMatchingAcl[];
}

export interface DeleteAclsResponseFilterResultInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly matchingAcls: readonly DeleteAclsResponseMatchingAclInput[];
}

export interface DeleteAclsResponseMatchingAcl {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export interface DeleteAclsResponseMatchingAclInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType?: number | undefined;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

function writeDeleteAclsResponse(w: Writer, v: DeleteAclsResponseInput, version: number): void {
  const flexible = version >= 2;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const filterResultsItems = v.filterResults;
    w.arrayLength(filterResultsItems.length, flexible);
    for (const item of filterResultsItems) writeDeleteAclsResponseFilterResult(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteAclsResponse(r: Reader, version: number): DeleteAclsResponse {
  const flexible = version >= 2;
  const throttleTimeMs = r.int32();
  let filterResults: DeleteAclsResponseFilterResult[] = [];
  for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) filterResults.push(readDeleteAclsResponseFilterResult(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, filterResults };
}

function completeDeleteAclsResponse(v: DeleteAclsResponseInput): DeleteAclsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    filterResults: v.filterResults.map(completeDeleteAclsResponseFilterResult),
  };
}

function writeDeleteAclsResponseFilterResult(w: Writer, v: DeleteAclsResponseFilterResultInput, version: number): void {
  const flexible = version >= 2;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  {
    const matchingAclsItems = v.matchingAcls;
    w.arrayLength(matchingAclsItems.length, flexible);
    for (const item of matchingAclsItems) writeDeleteAclsResponseMatchingAcl(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteAclsResponseFilterResult(r: Reader, version: number): DeleteAclsResponseFilterResult {
  const flexible = version >= 2;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  let matchingAcls: DeleteAclsResponseMatchingAcl[] = [];
  for (let left = r.arrayLength(flexible, 11); left > 0; left -= 1) matchingAcls.push(readDeleteAclsResponseMatchingAcl(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, matchingAcls };
}

function completeDeleteAclsResponseFilterResult(v: DeleteAclsResponseFilterResultInput): DeleteAclsResponseFilterResult {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    matchingAcls: v.matchingAcls.map(completeDeleteAclsResponseMatchingAcl),
  };
}

function writeDeleteAclsResponseMatchingAcl(w: Writer, v: DeleteAclsResponseMatchingAclInput, version: number): void {
  const flexible = version >= 2;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  w.int8(v.resourceType);
  w.string(v.resourceName, flexible);
  w.int8((v.patternType ?? 3));
  w.string(v.principal, flexible);
  w.string(v.host, flexible);
  w.int8(v.operation);
  w.int8(v.permissionType);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDeleteAclsResponseMatchingAcl(r: Reader, version: number): DeleteAclsResponseMatchingAcl {
  const flexible = version >= 2;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  const resourceType = r.int8();
  const resourceName = r.string(flexible);
  const patternType = r.int8();
  const principal = r.string(flexible);
  const host = r.string(flexible);
  const operation = r.int8();
  const permissionType = r.int8();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, resourceType, resourceName, patternType, principal, host, operation, permissionType };
}

function completeDeleteAclsResponseMatchingAcl(v: DeleteAclsResponseMatchingAclInput): DeleteAclsResponseMatchingAcl {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    resourceType: v.resourceType,
    resourceName: v.resourceName,
    patternType: (v.patternType ?? 3),
    principal: v.principal,
    host: v.host,
    operation: v.operation,
    permissionType: v.permissionType,
  };
}

export const deleteAclsApi: Api<DeleteAclsRequest, DeleteAclsResponse, DeleteAclsRequestInput, DeleteAclsResponseInput> = {
  key: 31,
  name: 'DeleteAcls',
  minVersion: 1,
  maxVersion: 3,
  advertisedMinVersion: 1,
  flexibleFrom: 2,
  encodeRequest(w: Writer, request: DeleteAclsRequestInput, version: number): void {
    checkVersion('DeleteAcls', version, 1, 3);
    writeDeleteAclsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DeleteAclsRequest {
    checkVersion('DeleteAcls', version, 1, 3);
    return readDeleteAclsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DeleteAclsResponseInput, version: number): void {
    checkVersion('DeleteAcls', version, 1, 3);
    writeDeleteAclsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DeleteAclsResponse {
    checkVersion('DeleteAcls', version, 1, 3);
    return readDeleteAclsResponse(r, version);
  },
  completeRequest: completeDeleteAclsRequest,
  completeResponse: completeDeleteAclsResponse,
};

export interface DescribeClientQuotasRequest {
  readonly components: readonly DescribeClientQuotasRequestComponent[];
  readonly strict: boolean;
}

export interface DescribeClientQuotasRequestInput {
  readonly components: readonly DescribeClientQuotasRequestComponentInput[];
  readonly strict: boolean;
}

export interface DescribeClientQuotasRequestComponent {
  readonly entityType: string;
  /** 0 exact, 1 default, 2 any */
  readonly matchType: number;
  readonly match: string | null;
}

export interface DescribeClientQuotasRequestComponentInput {
  readonly entityType: string;
  /** 0 exact, 1 default, 2 any */
  readonly matchType: number;
  readonly match?: string | null | undefined;
}

function writeDescribeClientQuotasRequest(w: Writer, v: DescribeClientQuotasRequestInput, version: number): void {
  const flexible = version >= 1;
  {
    const componentsItems = v.components;
    w.arrayLength(componentsItems.length, flexible);
    for (const item of componentsItems) writeDescribeClientQuotasRequestComponent(w, item, version);
  }
  w.bool(v.strict);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeClientQuotasRequest(r: Reader, version: number): DescribeClientQuotasRequest {
  const flexible = version >= 1;
  let components: DescribeClientQuotasRequestComponent[] = [];
  for (let left = r.arrayLength(flexible, 4); left > 0; left -= 1) components.push(readDescribeClientQuotasRequestComponent(r, version));
  const strict = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { components, strict };
}

function completeDescribeClientQuotasRequest(v: DescribeClientQuotasRequestInput): DescribeClientQuotasRequest {
  return {
    components: v.components.map(completeDescribeClientQuotasRequestComponent),
    strict: v.strict,
  };
}

function writeDescribeClientQuotasRequestComponent(w: Writer, v: DescribeClientQuotasRequestComponentInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.entityType, flexible);
  w.int8(v.matchType);
  w.nullableString((v.match ?? null), flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeClientQuotasRequestComponent(r: Reader, version: number): DescribeClientQuotasRequestComponent {
  const flexible = version >= 1;
  const entityType = r.string(flexible);
  const matchType = r.int8();
  const match = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entityType, matchType, match };
}

function completeDescribeClientQuotasRequestComponent(v: DescribeClientQuotasRequestComponentInput): DescribeClientQuotasRequestComponent {
  return {
    entityType: v.entityType,
    matchType: v.matchType,
    match: (v.match ?? null),
  };
}

export interface DescribeClientQuotasResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly entries: readonly DescribeClientQuotasResponseEntry[] | null;
}

export interface DescribeClientQuotasResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly entries: readonly DescribeClientQuotasResponseEntryInput[] | null;
}

export interface DescribeClientQuotasResponseEntry {
  readonly entity: readonly DescribeClientQuotasResponseEntity[];
  readonly values: readonly DescribeClientQuotasResponseValue[];
}

export interface DescribeClientQuotasResponseEntryInput {
  readonly entity: readonly DescribeClientQuotasResponseEntityInput[];
  readonly values: readonly DescribeClientQuotasResponseValueInput[];
}

export interface DescribeClientQuotasResponseEntity {
  readonly entityType: string;
  /** Null the default */
  readonly entityName: string | null;
}

export interface DescribeClientQuotasResponseEntityInput {
  readonly entityType: string;
  /** Null the default */
  readonly entityName: string | null;
}

export interface DescribeClientQuotasResponseValue {
  readonly key: string;
  readonly value: number;
}

export interface DescribeClientQuotasResponseValueInput {
  readonly key: string;
  readonly value: number;
}

function writeDescribeClientQuotasResponse(w: Writer, v: DescribeClientQuotasResponseInput, version: number): void {
  const flexible = version >= 1;
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  {
    const entriesItems = v.entries;
    if (entriesItems === null) w.nullArray(flexible);
    else {
      w.arrayLength(entriesItems.length, flexible);
      for (const item of entriesItems) writeDescribeClientQuotasResponseEntry(w, item, version);
    }
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeClientQuotasResponse(r: Reader, version: number): DescribeClientQuotasResponse {
  const flexible = version >= 1;
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  let entries: DescribeClientQuotasResponseEntry[] | null = [];
  const entriesCount = r.nullableArrayLength(flexible, 3);
  if (entriesCount === -1) entries = null;
  else {
    entries = [];
    for (let left = entriesCount; left > 0; left -= 1) entries.push(readDescribeClientQuotasResponseEntry(r, version));
  }
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, errorCode, errorMessage, entries };
}

function completeDescribeClientQuotasResponse(v: DescribeClientQuotasResponseInput): DescribeClientQuotasResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    entries: v.entries?.map(completeDescribeClientQuotasResponseEntry) ?? null,
  };
}

function writeDescribeClientQuotasResponseEntry(w: Writer, v: DescribeClientQuotasResponseEntryInput, version: number): void {
  const flexible = version >= 1;
  {
    const entityItems = v.entity;
    w.arrayLength(entityItems.length, flexible);
    for (const item of entityItems) writeDescribeClientQuotasResponseEntity(w, item, version);
  }
  {
    const valuesItems = v.values;
    w.arrayLength(valuesItems.length, flexible);
    for (const item of valuesItems) writeDescribeClientQuotasResponseValue(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeClientQuotasResponseEntry(r: Reader, version: number): DescribeClientQuotasResponseEntry {
  const flexible = version >= 1;
  let entity: DescribeClientQuotasResponseEntity[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) entity.push(readDescribeClientQuotasResponseEntity(r, version));
  let values: DescribeClientQuotasResponseValue[] = [];
  for (let left = r.arrayLength(flexible, 10); left > 0; left -= 1) values.push(readDescribeClientQuotasResponseValue(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entity, values };
}

function completeDescribeClientQuotasResponseEntry(v: DescribeClientQuotasResponseEntryInput): DescribeClientQuotasResponseEntry {
  return {
    entity: v.entity.map(completeDescribeClientQuotasResponseEntity),
    values: v.values.map(completeDescribeClientQuotasResponseValue),
  };
}

function writeDescribeClientQuotasResponseEntity(w: Writer, v: DescribeClientQuotasResponseEntityInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.entityType, flexible);
  w.nullableString(v.entityName, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeClientQuotasResponseEntity(r: Reader, version: number): DescribeClientQuotasResponseEntity {
  const flexible = version >= 1;
  const entityType = r.string(flexible);
  const entityName = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entityType, entityName };
}

function completeDescribeClientQuotasResponseEntity(v: DescribeClientQuotasResponseEntityInput): DescribeClientQuotasResponseEntity {
  return {
    entityType: v.entityType,
    entityName: v.entityName,
  };
}

function writeDescribeClientQuotasResponseValue(w: Writer, v: DescribeClientQuotasResponseValueInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.key, flexible);
  w.float64(v.value);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readDescribeClientQuotasResponseValue(r: Reader, version: number): DescribeClientQuotasResponseValue {
  const flexible = version >= 1;
  const key = r.string(flexible);
  const value = r.float64();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { key, value };
}

function completeDescribeClientQuotasResponseValue(v: DescribeClientQuotasResponseValueInput): DescribeClientQuotasResponseValue {
  return {
    key: v.key,
    value: v.value,
  };
}

export const describeClientQuotasApi: Api<DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeClientQuotasRequestInput, DescribeClientQuotasResponseInput> = {
  key: 48,
  name: 'DescribeClientQuotas',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 1,
  encodeRequest(w: Writer, request: DescribeClientQuotasRequestInput, version: number): void {
    checkVersion('DescribeClientQuotas', version, 0, 1);
    writeDescribeClientQuotasRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeClientQuotasRequest {
    checkVersion('DescribeClientQuotas', version, 0, 1);
    return readDescribeClientQuotasRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeClientQuotasResponseInput, version: number): void {
    checkVersion('DescribeClientQuotas', version, 0, 1);
    writeDescribeClientQuotasResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeClientQuotasResponse {
    checkVersion('DescribeClientQuotas', version, 0, 1);
    return readDescribeClientQuotasResponse(r, version);
  },
  completeRequest: completeDescribeClientQuotasRequest,
  completeResponse: completeDescribeClientQuotasResponse,
};

export interface AlterClientQuotasRequest {
  readonly entries: readonly AlterClientQuotasRequestEntry[];
  readonly validateOnly: boolean;
}

export interface AlterClientQuotasRequestInput {
  readonly entries: readonly AlterClientQuotasRequestEntryInput[];
  readonly validateOnly?: boolean | undefined;
}

export interface AlterClientQuotasRequestEntry {
  readonly entity: readonly AlterClientQuotasRequestEntity[];
  readonly ops: readonly AlterClientQuotasRequestOp[];
}

export interface AlterClientQuotasRequestEntryInput {
  readonly entity: readonly AlterClientQuotasRequestEntityInput[];
  readonly ops: readonly AlterClientQuotasRequestOpInput[];
}

export interface AlterClientQuotasRequestEntity {
  readonly entityType: string;
  readonly entityName: string | null;
}

export interface AlterClientQuotasRequestEntityInput {
  readonly entityType: string;
  readonly entityName: string | null;
}

export interface AlterClientQuotasRequestOp {
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

export interface AlterClientQuotasRequestOpInput {
  readonly key: string;
  readonly value?: number | undefined;
  readonly remove?: boolean | undefined;
}

function writeAlterClientQuotasRequest(w: Writer, v: AlterClientQuotasRequestInput, version: number): void {
  const flexible = version >= 1;
  {
    const entriesItems = v.entries;
    w.arrayLength(entriesItems.length, flexible);
    for (const item of entriesItems) writeAlterClientQuotasRequestEntry(w, item, version);
  }
  w.bool((v.validateOnly ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasRequest(r: Reader, version: number): AlterClientQuotasRequest {
  const flexible = version >= 1;
  let entries: AlterClientQuotasRequestEntry[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) entries.push(readAlterClientQuotasRequestEntry(r, version));
  const validateOnly = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entries, validateOnly };
}

function completeAlterClientQuotasRequest(v: AlterClientQuotasRequestInput): AlterClientQuotasRequest {
  return {
    entries: v.entries.map(completeAlterClientQuotasRequestEntry),
    validateOnly: (v.validateOnly ?? false),
  };
}

function writeAlterClientQuotasRequestEntry(w: Writer, v: AlterClientQuotasRequestEntryInput, version: number): void {
  const flexible = version >= 1;
  {
    const entityItems = v.entity;
    w.arrayLength(entityItems.length, flexible);
    for (const item of entityItems) writeAlterClientQuotasRequestEntity(w, item, version);
  }
  {
    const opsItems = v.ops;
    w.arrayLength(opsItems.length, flexible);
    for (const item of opsItems) writeAlterClientQuotasRequestOp(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasRequestEntry(r: Reader, version: number): AlterClientQuotasRequestEntry {
  const flexible = version >= 1;
  let entity: AlterClientQuotasRequestEntity[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) entity.push(readAlterClientQuotasRequestEntity(r, version));
  let ops: AlterClientQuotasRequestOp[] = [];
  for (let left = r.arrayLength(flexible, 11); left > 0; left -= 1) ops.push(readAlterClientQuotasRequestOp(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entity, ops };
}

function completeAlterClientQuotasRequestEntry(v: AlterClientQuotasRequestEntryInput): AlterClientQuotasRequestEntry {
  return {
    entity: v.entity.map(completeAlterClientQuotasRequestEntity),
    ops: v.ops.map(completeAlterClientQuotasRequestOp),
  };
}

function writeAlterClientQuotasRequestEntity(w: Writer, v: AlterClientQuotasRequestEntityInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.entityType, flexible);
  w.nullableString(v.entityName, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasRequestEntity(r: Reader, version: number): AlterClientQuotasRequestEntity {
  const flexible = version >= 1;
  const entityType = r.string(flexible);
  const entityName = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entityType, entityName };
}

function completeAlterClientQuotasRequestEntity(v: AlterClientQuotasRequestEntityInput): AlterClientQuotasRequestEntity {
  return {
    entityType: v.entityType,
    entityName: v.entityName,
  };
}

function writeAlterClientQuotasRequestOp(w: Writer, v: AlterClientQuotasRequestOpInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.key, flexible);
  w.float64((v.value ?? 0));
  w.bool((v.remove ?? false));
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasRequestOp(r: Reader, version: number): AlterClientQuotasRequestOp {
  const flexible = version >= 1;
  const key = r.string(flexible);
  const value = r.float64();
  const remove = r.bool();
  if (flexible) {
    r.skipTaggedFields();
  }
  return { key, value, remove };
}

function completeAlterClientQuotasRequestOp(v: AlterClientQuotasRequestOpInput): AlterClientQuotasRequestOp {
  return {
    key: v.key,
    value: (v.value ?? 0),
    remove: (v.remove ?? false),
  };
}

export interface AlterClientQuotasResponse {
  readonly throttleTimeMs: number;
  readonly entries: readonly AlterClientQuotasResponseEntry[];
}

export interface AlterClientQuotasResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly entries: readonly AlterClientQuotasResponseEntryInput[];
}

export interface AlterClientQuotasResponseEntry {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly entity: readonly AlterClientQuotasResponseEntity[];
}

export interface AlterClientQuotasResponseEntryInput {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly entity: readonly AlterClientQuotasResponseEntityInput[];
}

export interface AlterClientQuotasResponseEntity {
  readonly entityType: string;
  readonly entityName: string | null;
}

export interface AlterClientQuotasResponseEntityInput {
  readonly entityType: string;
  readonly entityName: string | null;
}

function writeAlterClientQuotasResponse(w: Writer, v: AlterClientQuotasResponseInput, version: number): void {
  const flexible = version >= 1;
  w.int32((v.throttleTimeMs ?? 0));
  {
    const entriesItems = v.entries;
    w.arrayLength(entriesItems.length, flexible);
    for (const item of entriesItems) writeAlterClientQuotasResponseEntry(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasResponse(r: Reader, version: number): AlterClientQuotasResponse {
  const flexible = version >= 1;
  const throttleTimeMs = r.int32();
  let entries: AlterClientQuotasResponseEntry[] = [];
  for (let left = r.arrayLength(flexible, 5); left > 0; left -= 1) entries.push(readAlterClientQuotasResponseEntry(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { throttleTimeMs, entries };
}

function completeAlterClientQuotasResponse(v: AlterClientQuotasResponseInput): AlterClientQuotasResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    entries: v.entries.map(completeAlterClientQuotasResponseEntry),
  };
}

function writeAlterClientQuotasResponseEntry(w: Writer, v: AlterClientQuotasResponseEntryInput, version: number): void {
  const flexible = version >= 1;
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), flexible);
  {
    const entityItems = v.entity;
    w.arrayLength(entityItems.length, flexible);
    for (const item of entityItems) writeAlterClientQuotasResponseEntity(w, item, version);
  }
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasResponseEntry(r: Reader, version: number): AlterClientQuotasResponseEntry {
  const flexible = version >= 1;
  const errorCode = r.int16();
  const errorMessage = r.nullableString(flexible);
  let entity: AlterClientQuotasResponseEntity[] = [];
  for (let left = r.arrayLength(flexible, 3); left > 0; left -= 1) entity.push(readAlterClientQuotasResponseEntity(r, version));
  if (flexible) {
    r.skipTaggedFields();
  }
  return { errorCode, errorMessage, entity };
}

function completeAlterClientQuotasResponseEntry(v: AlterClientQuotasResponseEntryInput): AlterClientQuotasResponseEntry {
  return {
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    entity: v.entity.map(completeAlterClientQuotasResponseEntity),
  };
}

function writeAlterClientQuotasResponseEntity(w: Writer, v: AlterClientQuotasResponseEntityInput, version: number): void {
  const flexible = version >= 1;
  w.string(v.entityType, flexible);
  w.nullableString(v.entityName, flexible);
  if (flexible) {
    w.unsignedVarint(0);
  }
}

function readAlterClientQuotasResponseEntity(r: Reader, version: number): AlterClientQuotasResponseEntity {
  const flexible = version >= 1;
  const entityType = r.string(flexible);
  const entityName = r.nullableString(flexible);
  if (flexible) {
    r.skipTaggedFields();
  }
  return { entityType, entityName };
}

function completeAlterClientQuotasResponseEntity(v: AlterClientQuotasResponseEntityInput): AlterClientQuotasResponseEntity {
  return {
    entityType: v.entityType,
    entityName: v.entityName,
  };
}

export const alterClientQuotasApi: Api<AlterClientQuotasRequest, AlterClientQuotasResponse, AlterClientQuotasRequestInput, AlterClientQuotasResponseInput> = {
  key: 49,
  name: 'AlterClientQuotas',
  minVersion: 0,
  maxVersion: 1,
  advertisedMinVersion: 0,
  flexibleFrom: 1,
  encodeRequest(w: Writer, request: AlterClientQuotasRequestInput, version: number): void {
    checkVersion('AlterClientQuotas', version, 0, 1);
    writeAlterClientQuotasRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AlterClientQuotasRequest {
    checkVersion('AlterClientQuotas', version, 0, 1);
    return readAlterClientQuotasRequest(r, version);
  },
  encodeResponse(w: Writer, response: AlterClientQuotasResponseInput, version: number): void {
    checkVersion('AlterClientQuotas', version, 0, 1);
    writeAlterClientQuotasResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AlterClientQuotasResponse {
    checkVersion('AlterClientQuotas', version, 0, 1);
    return readAlterClientQuotasResponse(r, version);
  },
  completeRequest: completeAlterClientQuotasRequest,
  completeResponse: completeAlterClientQuotasResponse,
};

export interface DescribeUserScramCredentialsRequest {
  /** Null or none: all */
  readonly users: readonly DescribeUserScramCredentialsRequestUserName[] | null;
}

export interface DescribeUserScramCredentialsRequestInput {
  /** Null or none: all */
  readonly users?: readonly DescribeUserScramCredentialsRequestUserNameInput[] | null | undefined;
}

export interface DescribeUserScramCredentialsRequestUserName {
  readonly name: string;
}

export interface DescribeUserScramCredentialsRequestUserNameInput {
  readonly name: string;
}

function writeDescribeUserScramCredentialsRequest(w: Writer, v: DescribeUserScramCredentialsRequestInput, version: number): void {
  {
    const usersItems = (v.users ?? null);
    if (usersItems === null) w.nullArray(true);
    else {
      w.arrayLength(usersItems.length, true);
      for (const item of usersItems) writeDescribeUserScramCredentialsRequestUserName(w, item, version);
    }
  }
  w.unsignedVarint(0);
}

function readDescribeUserScramCredentialsRequest(r: Reader, version: number): DescribeUserScramCredentialsRequest {
  let users: DescribeUserScramCredentialsRequestUserName[] | null = null;
  const usersCount = r.nullableArrayLength(true, 2);
  if (usersCount === -1) users = null;
  else {
    users = [];
    for (let left = usersCount; left > 0; left -= 1) users.push(readDescribeUserScramCredentialsRequestUserName(r, version));
  }
  r.skipTaggedFields();
  return { users };
}

function completeDescribeUserScramCredentialsRequest(v: DescribeUserScramCredentialsRequestInput): DescribeUserScramCredentialsRequest {
  return {
    users: (v.users ?? null)?.map(completeDescribeUserScramCredentialsRequestUserName) ?? null,
  };
}

function writeDescribeUserScramCredentialsRequestUserName(w: Writer, v: DescribeUserScramCredentialsRequestUserNameInput, _version: number): void {
  w.string(v.name, true);
  w.unsignedVarint(0);
}

function readDescribeUserScramCredentialsRequestUserName(r: Reader, _version: number): DescribeUserScramCredentialsRequestUserName {
  const name = r.string(true);
  r.skipTaggedFields();
  return { name };
}

function completeDescribeUserScramCredentialsRequestUserName(v: DescribeUserScramCredentialsRequestUserNameInput): DescribeUserScramCredentialsRequestUserName {
  return {
    name: v.name,
  };
}

export interface DescribeUserScramCredentialsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly results: readonly DescribeUserScramCredentialsResponseResult[];
}

export interface DescribeUserScramCredentialsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly results: readonly DescribeUserScramCredentialsResponseResultInput[];
}

export interface DescribeUserScramCredentialsResponseResult {
  readonly user: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly credentialInfos: readonly DescribeUserScramCredentialsResponseCredentialInfo[];
}

export interface DescribeUserScramCredentialsResponseResultInput {
  readonly user: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
  readonly credentialInfos: readonly DescribeUserScramCredentialsResponseCredentialInfoInput[];
}

export interface DescribeUserScramCredentialsResponseCredentialInfo {
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512 */
  readonly mechanism: number;
  readonly iterations: number;
}

export interface DescribeUserScramCredentialsResponseCredentialInfoInput {
  /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512 */
  readonly mechanism: number;
  readonly iterations: number;
}

function writeDescribeUserScramCredentialsResponse(w: Writer, v: DescribeUserScramCredentialsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, true);
    for (const item of resultsItems) writeDescribeUserScramCredentialsResponseResult(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeUserScramCredentialsResponse(r: Reader, version: number): DescribeUserScramCredentialsResponse {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  let results: DescribeUserScramCredentialsResponseResult[] = [];
  for (let left = r.arrayLength(true, 6); left > 0; left -= 1) results.push(readDescribeUserScramCredentialsResponseResult(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, results };
}

function completeDescribeUserScramCredentialsResponse(v: DescribeUserScramCredentialsResponseInput): DescribeUserScramCredentialsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    results: v.results.map(completeDescribeUserScramCredentialsResponseResult),
  };
}

function writeDescribeUserScramCredentialsResponseResult(w: Writer, v: DescribeUserScramCredentialsResponseResultInput, version: number): void {
  w.string(v.user, true);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  {
    const credentialInfosItems = v.credentialInfos;
    w.arrayLength(credentialInfosItems.length, true);
    for (const item of credentialInfosItems) writeDescribeUserScramCredentialsResponseCredentialInfo(w, item, version);
  }
  w.unsignedVarint(0);
}

function readDescribeUserScramCredentialsResponseResult(r: Reader, version: number): DescribeUserScramCredentialsResponseResult {
  const user = r.string(true);
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  let credentialInfos: DescribeUserScramCredentialsResponseCredentialInfo[] = [];
  for (let left = r.arrayLength(true, 6); left > 0; left -= 1) credentialInfos.push(readDescribeUserScramCredentialsResponseCredentialInfo(r, version));
  r.skipTaggedFields();
  return { user, errorCode, errorMessage, credentialInfos };
}

function completeDescribeUserScramCredentialsResponseResult(v: DescribeUserScramCredentialsResponseResultInput): DescribeUserScramCredentialsResponseResult {
  return {
    user: v.user,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
    credentialInfos: v.credentialInfos.map(completeDescribeUserScramCredentialsResponseCredentialInfo),
  };
}

function writeDescribeUserScramCredentialsResponseCredentialInfo(w: Writer, v: DescribeUserScramCredentialsResponseCredentialInfoInput, _version: number): void {
  w.int8(v.mechanism);
  w.int32(v.iterations);
  w.unsignedVarint(0);
}

function readDescribeUserScramCredentialsResponseCredentialInfo(r: Reader, _version: number): DescribeUserScramCredentialsResponseCredentialInfo {
  const mechanism = r.int8();
  const iterations = r.int32();
  r.skipTaggedFields();
  return { mechanism, iterations };
}

function completeDescribeUserScramCredentialsResponseCredentialInfo(v: DescribeUserScramCredentialsResponseCredentialInfoInput): DescribeUserScramCredentialsResponseCredentialInfo {
  return {
    mechanism: v.mechanism,
    iterations: v.iterations,
  };
}

export const describeUserScramCredentialsApi: Api<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, DescribeUserScramCredentialsRequestInput, DescribeUserScramCredentialsResponseInput> = {
  key: 50,
  name: 'DescribeUserScramCredentials',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: DescribeUserScramCredentialsRequestInput, version: number): void {
    checkVersion('DescribeUserScramCredentials', version, 0, 0);
    writeDescribeUserScramCredentialsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): DescribeUserScramCredentialsRequest {
    checkVersion('DescribeUserScramCredentials', version, 0, 0);
    return readDescribeUserScramCredentialsRequest(r, version);
  },
  encodeResponse(w: Writer, response: DescribeUserScramCredentialsResponseInput, version: number): void {
    checkVersion('DescribeUserScramCredentials', version, 0, 0);
    writeDescribeUserScramCredentialsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): DescribeUserScramCredentialsResponse {
    checkVersion('DescribeUserScramCredentials', version, 0, 0);
    return readDescribeUserScramCredentialsResponse(r, version);
  },
  completeRequest: completeDescribeUserScramCredentialsRequest,
  completeResponse: completeDescribeUserScramCredentialsResponse,
};

export interface AlterUserScramCredentialsRequest {
  readonly deletions: readonly AlterUserScramCredentialsRequestDeletion[];
  readonly upsertions: readonly AlterUserScramCredentialsRequestUpsertion[];
}

export interface AlterUserScramCredentialsRequestInput {
  readonly deletions: readonly AlterUserScramCredentialsRequestDeletionInput[];
  readonly upsertions: readonly AlterUserScramCredentialsRequestUpsertionInput[];
}

export interface AlterUserScramCredentialsRequestDeletion {
  readonly name: string;
  readonly mechanism: number;
}

export interface AlterUserScramCredentialsRequestDeletionInput {
  readonly name: string;
  readonly mechanism: number;
}

export interface AlterUserScramCredentialsRequestUpsertion {
  readonly name: string;
  readonly mechanism: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly saltedPassword: Uint8Array;
}

export interface AlterUserScramCredentialsRequestUpsertionInput {
  readonly name: string;
  readonly mechanism: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly saltedPassword: Uint8Array;
}

function writeAlterUserScramCredentialsRequest(w: Writer, v: AlterUserScramCredentialsRequestInput, version: number): void {
  {
    const deletionsItems = v.deletions;
    w.arrayLength(deletionsItems.length, true);
    for (const item of deletionsItems) writeAlterUserScramCredentialsRequestDeletion(w, item, version);
  }
  {
    const upsertionsItems = v.upsertions;
    w.arrayLength(upsertionsItems.length, true);
    for (const item of upsertionsItems) writeAlterUserScramCredentialsRequestUpsertion(w, item, version);
  }
  w.unsignedVarint(0);
}

function readAlterUserScramCredentialsRequest(r: Reader, version: number): AlterUserScramCredentialsRequest {
  let deletions: AlterUserScramCredentialsRequestDeletion[] = [];
  for (let left = r.arrayLength(true, 3); left > 0; left -= 1) deletions.push(readAlterUserScramCredentialsRequestDeletion(r, version));
  let upsertions: AlterUserScramCredentialsRequestUpsertion[] = [];
  for (let left = r.arrayLength(true, 9); left > 0; left -= 1) upsertions.push(readAlterUserScramCredentialsRequestUpsertion(r, version));
  r.skipTaggedFields();
  return { deletions, upsertions };
}

function completeAlterUserScramCredentialsRequest(v: AlterUserScramCredentialsRequestInput): AlterUserScramCredentialsRequest {
  return {
    deletions: v.deletions.map(completeAlterUserScramCredentialsRequestDeletion),
    upsertions: v.upsertions.map(completeAlterUserScramCredentialsRequestUpsertion),
  };
}

function writeAlterUserScramCredentialsRequestDeletion(w: Writer, v: AlterUserScramCredentialsRequestDeletionInput, _version: number): void {
  w.string(v.name, true);
  w.int8(v.mechanism);
  w.unsignedVarint(0);
}

function readAlterUserScramCredentialsRequestDeletion(r: Reader, _version: number): AlterUserScramCredentialsRequestDeletion {
  const name = r.string(true);
  const mechanism = r.int8();
  r.skipTaggedFields();
  return { name, mechanism };
}

function completeAlterUserScramCredentialsRequestDeletion(v: AlterUserScramCredentialsRequestDeletionInput): AlterUserScramCredentialsRequestDeletion {
  return {
    name: v.name,
    mechanism: v.mechanism,
  };
}

function writeAlterUserScramCredentialsRequestUpsertion(w: Writer, v: AlterUserScramCredentialsRequestUpsertionInput, _version: number): void {
  w.string(v.name, true);
  w.int8(v.mechanism);
  w.int32(v.iterations);
  w.bytes(v.salt, true);
  w.bytes(v.saltedPassword, true);
  w.unsignedVarint(0);
}

function readAlterUserScramCredentialsRequestUpsertion(r: Reader, _version: number): AlterUserScramCredentialsRequestUpsertion {
  const name = r.string(true);
  const mechanism = r.int8();
  const iterations = r.int32();
  const salt = r.bytes(true);
  const saltedPassword = r.bytes(true);
  r.skipTaggedFields();
  return { name, mechanism, iterations, salt, saltedPassword };
}

function completeAlterUserScramCredentialsRequestUpsertion(v: AlterUserScramCredentialsRequestUpsertionInput): AlterUserScramCredentialsRequestUpsertion {
  return {
    name: v.name,
    mechanism: v.mechanism,
    iterations: v.iterations,
    salt: v.salt,
    saltedPassword: v.saltedPassword,
  };
}

export interface AlterUserScramCredentialsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly AlterUserScramCredentialsResponseResult[];
}

export interface AlterUserScramCredentialsResponseInput {
  readonly throttleTimeMs?: number | undefined;
  readonly results: readonly AlterUserScramCredentialsResponseResultInput[];
}

export interface AlterUserScramCredentialsResponseResult {
  readonly user: string;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface AlterUserScramCredentialsResponseResultInput {
  readonly user: string;
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

function writeAlterUserScramCredentialsResponse(w: Writer, v: AlterUserScramCredentialsResponseInput, version: number): void {
  w.int32((v.throttleTimeMs ?? 0));
  {
    const resultsItems = v.results;
    w.arrayLength(resultsItems.length, true);
    for (const item of resultsItems) writeAlterUserScramCredentialsResponseResult(w, item, version);
  }
  w.unsignedVarint(0);
}

function readAlterUserScramCredentialsResponse(r: Reader, version: number): AlterUserScramCredentialsResponse {
  const throttleTimeMs = r.int32();
  let results: AlterUserScramCredentialsResponseResult[] = [];
  for (let left = r.arrayLength(true, 5); left > 0; left -= 1) results.push(readAlterUserScramCredentialsResponseResult(r, version));
  r.skipTaggedFields();
  return { throttleTimeMs, results };
}

function completeAlterUserScramCredentialsResponse(v: AlterUserScramCredentialsResponseInput): AlterUserScramCredentialsResponse {
  return {
    throttleTimeMs: (v.throttleTimeMs ?? 0),
    results: v.results.map(completeAlterUserScramCredentialsResponseResult),
  };
}

function writeAlterUserScramCredentialsResponseResult(w: Writer, v: AlterUserScramCredentialsResponseResultInput, _version: number): void {
  w.string(v.user, true);
  w.int16(v.errorCode);
  w.nullableString((v.errorMessage ?? null), true);
  w.unsignedVarint(0);
}

function readAlterUserScramCredentialsResponseResult(r: Reader, _version: number): AlterUserScramCredentialsResponseResult {
  const user = r.string(true);
  const errorCode = r.int16();
  const errorMessage = r.nullableString(true);
  r.skipTaggedFields();
  return { user, errorCode, errorMessage };
}

function completeAlterUserScramCredentialsResponseResult(v: AlterUserScramCredentialsResponseResultInput): AlterUserScramCredentialsResponseResult {
  return {
    user: v.user,
    errorCode: v.errorCode,
    errorMessage: (v.errorMessage ?? null),
  };
}

export const alterUserScramCredentialsApi: Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, AlterUserScramCredentialsRequestInput, AlterUserScramCredentialsResponseInput> = {
  key: 51,
  name: 'AlterUserScramCredentials',
  minVersion: 0,
  maxVersion: 0,
  advertisedMinVersion: 0,
  flexibleFrom: 0,
  encodeRequest(w: Writer, request: AlterUserScramCredentialsRequestInput, version: number): void {
    checkVersion('AlterUserScramCredentials', version, 0, 0);
    writeAlterUserScramCredentialsRequest(w, request, version);
  },
  decodeRequest(r: Reader, version: number): AlterUserScramCredentialsRequest {
    checkVersion('AlterUserScramCredentials', version, 0, 0);
    return readAlterUserScramCredentialsRequest(r, version);
  },
  encodeResponse(w: Writer, response: AlterUserScramCredentialsResponseInput, version: number): void {
    checkVersion('AlterUserScramCredentials', version, 0, 0);
    writeAlterUserScramCredentialsResponse(w, response, version);
  },
  decodeResponse(r: Reader, version: number): AlterUserScramCredentialsResponse {
    checkVersion('AlterUserScramCredentials', version, 0, 0);
    return readAlterUserScramCredentialsResponse(r, version);
  },
  completeRequest: completeAlterUserScramCredentialsRequest,
  completeResponse: completeAlterUserScramCredentialsResponse,
};
