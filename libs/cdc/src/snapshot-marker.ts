/** The `snapshot` field of the source block. */
export type SnapshotMarker =
  | 'first'
  | 'first_in_data_collection'
  | 'true'
  | 'last_in_data_collection'
  | 'last'
  | 'false'
  | 'incremental';

export interface PlaceInSnapshot {
  readonly isFirst: boolean;
  readonly isFirstInTable: boolean;
  readonly isLastInTable: boolean;
  readonly isLast: boolean;
}

/** Which marker a row gets that is several of these at once: the end outranks the beginning, the whole the table. */
export function snapshotMarker(place: PlaceInSnapshot): SnapshotMarker {
  if (place.isLast) return 'last';
  if (place.isFirst) return 'first';
  if (place.isLastInTable) return 'last_in_data_collection';
  if (place.isFirstInTable) return 'first_in_data_collection';
  return 'true';
}
