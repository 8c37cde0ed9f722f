//! The one table of templates. To add one: a line here, then `cargo xtask freeze`.

use crate::Kind;

/// A line of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it comes to be on a chain.
    pub kind: Kind,
    /// Its version in the on-chain TemplateRegistry. Raised when an approved template changes.
    pub version: u16,
    /// The contract's name, unique in the catalog.
    pub name: &'static str,
    /// The file that declares it, relative to the folder `solidity`, with forward slashes.
    pub source: &'static str,
}

/// Hands the table to another macro, so that the embedded templates and the bindings are made from the same lines.
macro_rules! with_catalog {
    ($then:ident) => {
        $then! {
            Blob 1 FreezerModule "src/pau/FreezerModule.sol";
            Blob 1 HaloSubProxy "src/governance/HaloSubProxy.sol";
            Clone 1 ClassALMProxy "src/pau/ClassALMProxy.sol";
            Clone 1 ClassRateLimits "src/pau/ClassRateLimits.sol";
            Clone 1 ClassAccessControls "src/pau/ClassAccessControls.sol";
            Clone 1 ClassController "src/pau/ClassController.sol";
            Clone 1 HaloBook "src/book/HaloBook.sol";
            Clone 1 PositionReporter "src/book/PositionReporter.sol";
            Clone 1 OfframpLedger "src/offramp/OfframpLedger.sol";
            Clone 1 EndpointBuffer "src/offramp/EndpointBuffer.sol";
            Clone 1 EmergencyGuard "src/emergency/EmergencyGuard.sol";
            Clone 1 ConserverController "src/emergency/ConserverController.sol";
            Clone 1 MigrationVault "src/emergency/MigrationVault.sol";
            Clone 1 HaloSpellGuard "src/governance/HaloSpellGuard.sol";
            Clone 1 TokenHat "src/governance/TokenHat.sol";
            Clone 1 HaloToken "src/governance/HaloToken.sol";
            Clone 1 HaloUnit "src/lcts/HaloUnit.sol";
            Clone 1 LctsQueue "src/lcts/LctsQueue.sol";
            Facet 1 UsdsFacet "src/pau/facets/UsdsFacet.sol";
            Facet 1 PsmFacet "src/pau/facets/PsmFacet.sol";
            Facet 1 TransferAssetFacet "src/pau/facets/TransferAssetFacet.sol";
            Facet 1 Erc4626Facet "src/pau/facets/Erc4626Facet.sol";
            Facet 1 Erc7540Facet "src/pau/facets/Erc7540Facet.sol";
            Facet 1 LctsPrimeFacet "src/pau/facets/LctsPrimeFacet.sol";
            Facet 1 LctsHaloFacet "src/pau/facets/LctsHaloFacet.sol";
            Facet 1 OfframpFacet "src/pau/facets/OfframpFacet.sol";
            Singleton 1 ALMProxy "src/pau/ALMProxy.sol";
            Singleton 1 RateLimits "src/pau/RateLimits.sol";
            Singleton 1 AccessControls "src/pau/AccessControls.sol";
            Singleton 1 Controller "src/pau/Controller.sol";
            Singleton 1 FacetBeacon "src/pau/FacetBeacon.sol";
            Singleton 1 TemplateRegistry "src/factory/TemplateRegistry.sol";
            Singleton 1 ArtifactRegistry "src/registry/ArtifactRegistry.sol";
            Singleton 1 BeaconRegistry "src/registry/BeaconRegistry.sol";
            Singleton 1 UnitRegistry "src/registry/UnitRegistry.sol";
            Singleton 1 BeamTimelock "src/configurator/BeamTimelock.sol";
            Singleton 1 BeamState "src/configurator/BeamState.sol";
            Singleton 1 Configurator "src/configurator/Configurator.sol";
            Singleton 1 BeamMom "src/configurator/BeamMom.sol";
            Singleton 1 BeamScheduler "src/configurator/BeamScheduler.sol";
            Singleton 1 PauRegistrar "src/configurator/PauRegistrar.sol";
            Singleton 1 DeploymentChecks "src/factory/DeploymentChecks.sol";
            Singleton 1 LaniakeaFactory "src/factory/LaniakeaFactory.sol";
            Singleton 1 HaloFactory "src/factory/HaloFactory.sol";
            Singleton 1 HaloMom "src/governance/HaloMom.sol";
            Interface 1 ControllerSurface "src/pau/ControllerSurface.sol";
            Fixture 1 AllocatorBuffer "fixtures/AllocatorBuffer.sol";
            Fixture 1 AllocatorVault "fixtures/AllocatorVault.sol";
            Fixture 1 Chainlog "fixtures/Chainlog.sol";
            Fixture 1 ContractWallet1271 "fixtures/ContractWallet1271.sol";
            Fixture 1 Dai "fixtures/Dai.sol";
            Fixture 1 DaiUsds "fixtures/DaiUsds.sol";
            Fixture 1 LitePsm "fixtures/LitePsm.sol";
            Fixture 1 SUsds "fixtures/SUsds.sol";
            Fixture 1 Usdc "fixtures/Usdc.sol";
            Fixture 1 Usds "fixtures/Usds.sol";
            Fixture 1 UsdsPsmWrapper "fixtures/UsdsPsmWrapper.sol";
        }
    };
}

macro_rules! entries {
    ($($kind:ident $version:literal $name:ident $source:literal;)*) => {
        &[$(Entry { kind: Kind::$kind, version: $version, name: stringify!($name), source: $source }),*]
    };
}

/// Every template, in the order of the table.
pub const CATALOG: &[Entry] = with_catalog!(entries);

#[cfg(feature = "embed")]
pub(crate) use with_catalog;

/// The entry of that name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    CATALOG.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_sources_lie_in_the_folder_of_their_kind() {
        let names: BTreeSet<_> = CATALOG.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), CATALOG.len());
        for entry in CATALOG {
            let folder = if entry.kind == Kind::Fixture { "fixtures/" } else { "src/" };
            assert!(entry.source.starts_with(folder), "{} lies in {}", entry.name, entry.source);
        }
    }
}
