// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { Erc7540Facet } from "src/pau/facets/Erc7540Facet.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { LctsHaloFacet } from "src/pau/facets/LctsHaloFacet.sol";
import { LctsPrimeFacet } from "src/pau/facets/LctsPrimeFacet.sol";
import { OfframpFacet } from "src/pau/facets/OfframpFacet.sol";
import { PsmFacet } from "src/pau/facets/PsmFacet.sol";
import { TransferAssetFacet } from "src/pau/facets/TransferAssetFacet.sol";
import { UsdsFacet } from "src/pau/facets/UsdsFacet.sol";

/// @dev One of each facet.
function allFacets() returns (Facet[8] memory) {
    return [
        Facet(new UsdsFacet()),
        new PsmFacet(),
        new TransferAssetFacet(),
        new Erc4626Facet(),
        new Erc7540Facet(),
        new LctsPrimeFacet(),
        new LctsHaloFacet(),
        new OfframpFacet()
    ];
}
