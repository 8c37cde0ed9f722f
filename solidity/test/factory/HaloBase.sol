// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, Report } from "src/book/PositionReporter.sol";
import { BeamState } from "src/configurator/BeamState.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { PauRegistrar } from "src/configurator/PauRegistrar.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { DeploymentChecks } from "src/factory/DeploymentChecks.sol";
import {
    BookTerms,
    ClassParams,
    Endpoint,
    FactoryCore,
    Limit,
    UnitParams
} from "src/factory/FactoryTypes.sol";
import { LaniakeaFactory } from "src/factory/LaniakeaFactory.sol";
import { TemplateKind, TemplateRegistry } from "src/factory/TemplateRegistry.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Clock } from "src/lcts/UnitTypes.sol";
import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { FIAT_CUSTODY } from "src/offramp/OfframpTypes.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { ClassALMProxy } from "src/pau/ClassALMProxy.sol";
import { ClassAccessControls } from "src/pau/ClassAccessControls.sol";
import { ClassController } from "src/pau/ClassController.sol";
import { ClassRateLimits } from "src/pau/ClassRateLimits.sol";
import { Controller } from "src/pau/Controller.sol";
import { FacetBeacon } from "src/pau/FacetBeacon.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { Erc7540Facet } from "src/pau/facets/Erc7540Facet.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { LctsHaloFacet } from "src/pau/facets/LctsHaloFacet.sol";
import { LctsPrimeFacet } from "src/pau/facets/LctsPrimeFacet.sol";
import { OfframpFacet } from "src/pau/facets/OfframpFacet.sol";
import { PsmFacet } from "src/pau/facets/PsmFacet.sol";
import { TransferAssetFacet } from "src/pau/facets/TransferAssetFacet.sol";
import { UsdsFacet } from "src/pau/facets/UsdsFacet.sol";
import { ArtifactKind, ArtifactRegistry, Level } from "src/registry/ArtifactRegistry.sol";
import { BeaconClass, BeaconRegistry } from "src/registry/BeaconRegistry.sol";
import { ClassAddresses, UnitAddresses } from "src/registry/RegistryTypes.sol";
import { UnitRegistry } from "src/registry/UnitRegistry.sol";
import { SkyBase } from "test/fixtures/SkyBase.sol";

/// @notice A chain with Sky's stand-ins, the core singletons and one Prime, governed as far as a Halo "acme" whose
///         Class "tbill" and Unit "senior" can be deployed. Each step is the call that governance would make.
abstract contract HaloBase is SkyBase {
    uint16 internal constant NO_COMPARISON = type(uint16).max;
    bytes32 internal constant HALO_ID = keccak256("acme");
    bytes32 internal constant CLASS_ID = keccak256(abi.encode(HALO_ID, keccak256("tbill")));
    bytes32 internal constant UNIT_ID = keccak256(abi.encode(CLASS_ID, keccak256("senior")));
    bytes32 internal constant PRIME_ID = keccak256("spark");
    bytes32 internal constant RELAY_BEACON = keccak256("relay/acme/tbill");
    bytes32 internal constant LCTS_BEACON = keccak256("lpha-lcts/acme/tbill");
    bytes32 internal constant CONTROLLER_ROLE = keccak256("CONTROLLER");

    address internal sky = makeAddr("sky");
    address internal council = makeAddr("council");
    address internal deployer = makeAddr("deployer");
    address internal stranger = makeAddr("stranger");
    address internal haloProxy = makeAddr("haloProxy");
    address internal primeSubProxy = makeAddr("primeSubProxy");
    address internal settler = makeAddr("settler");
    address internal relayer = makeAddr("relayer");
    address internal conserver = makeAddr("conserver");
    address internal freezer = makeAddr("freezer");
    address internal custodian = makeAddr("custodian");

    TemplateRegistry internal templates;
    ArtifactRegistry internal artifacts;
    BeaconRegistry internal beacons;
    UnitRegistry internal units;
    FacetBeacon internal facetBeacon;
    BeamTimelock internal timelock;
    BeamState internal beamState;
    Configurator internal configurator;
    PauRegistrar internal registrar;
    DeploymentChecks internal checks;
    LaniakeaFactory internal factory;
    mapping(bytes32 id => address facet) internal facetOf;

    ALMProxy internal primeProxy;
    RateLimits internal primeLimits;
    AccessControls internal primeAcl;
    Controller internal primeController;

    function setUp() public virtual override {
        super.setUp();
        templates = new TemplateRegistry(sky);
        artifacts = new ArtifactRegistry(sky);
        beacons = new BeaconRegistry(sky);
        units = new UnitRegistry(sky, address(templates), address(beacons), address(artifacts));
        facetBeacon = new FacetBeacon(sky);
        timelock = new BeamTimelock(sky, 14 days);
        beamState = new BeamState(sky, address(beacons));
        configurator = new Configurator(address(beamState));
        registrar = new PauRegistrar(address(timelock), address(beamState), sky);
        checks = new DeploymentChecks();
        factory = new LaniakeaFactory(sky, factoryCore());
        primeProxy = new ALMProxy(primeSubProxy);
        primeLimits = new RateLimits(primeSubProxy);
        primeAcl = new AccessControls(primeSubProxy);
        primeController = new Controller(
            address(primeAcl), address(facetBeacon), address(primeProxy), address(primeLimits), address(0)
        );

        vm.startPrank(sky);
        templates.setCouncil(council);
        artifacts.setCouncil(council);
        beacons.setCouncil(council);
        units.setCouncil(council);
        factory.setCouncil(council);
        _templates();
        _facets();
        units.setFactory(address(factory));
        registrar.setFactory(address(factory));
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(registrar));
        timelock.grantRole(timelock.CANCELLER_ROLE(), council);
        beamState.grantRole(beamState.DELAYED(), address(timelock));
        beamState.grantRole(beamState.IMMEDIATE(), council);
        beamState.grantRole(beamState.CONFIGURATOR(), address(configurator));
        factory.addDeployer(deployer);
        units.registerPrime("spark", address(primeProxy), address(primeLimits), address(primeController));
        units.registerHalo("acme", PRIME_ID, haloProxy);
        bytes32 haloArtifact = artifacts.create(ArtifactKind.HALO, 0, "acme");
        artifacts.setLevel(HALO_ID, haloProxy, Level.HALO);
        artifacts.setLevel(HALO_ID, primeSubProxy, Level.PRIME);
        artifacts.setLevel(HALO_ID, conserver, Level.CONSERVER);
        beacons.register(
            "lpha-lcts/acme/tbill", settler, BeaconClass.LPHA, CLASS_ID, "authority", "ipfs://lcts"
        );
        beacons.register(
            "relay/acme/tbill", relayer, BeaconClass.RELAY, CLASS_ID, "authority", "ipfs://relay"
        );
        vm.stopPrank();

        vm.startPrank(haloProxy);
        artifacts.edit(haloArtifact, 0, "halo text", 0, "ipfs://halo", 0);
        artifacts.create(ArtifactKind.CLASS, HALO_ID, "tbill");
        artifacts.create(ArtifactKind.UNIT, CLASS_ID, "senior");
        vm.stopPrank();
    }

    // --- Parameters ---

    function attestor(uint256 i) internal returns (address account, uint256 key) {
        return makeAddrAndKey(string.concat("attestor", vm.toString(i)));
    }

    function classParams() internal returns (ClassParams memory p) {
        p.haloId = HALO_ID;
        p.slug = "tbill";
        p.asset = address(usds);
        p.admins = new address[](1);
        p.admins[0] = haloProxy;
        p.conserver = conserver;
        p.freezers = new address[](2);
        p.freezers[0] = freezer;
        p.freezers[1] = makeAddr("freezer2");
        p.relayer = relayer;
        p.settler = settler;
        p.beaconId = LCTS_BEACON;
        p.attestors = new address[](3);
        for (uint256 i; i < 3; ++i) {
            (p.attestors[i],) = attestor(i);
        }
        p.threshold = 2;
        p.book = BookTerms({
            mode: 0,
            maxUpBpsPerDay: 5,
            reviewDownBps: 100,
            costToleranceBps: NO_COMPARISON,
            maxReportAge: 36 hours
        });
        p.facets = new bytes32[](5);
        p.facets[0] = "PSM_FACET";
        p.facets[1] = "TRANSFER_ASSET_FACET";
        p.facets[2] = "ERC4626_FACET";
        p.facets[3] = "LCTS_HALO_FACET";
        p.facets[4] = "OFFRAMP_FACET";
        p.limits = new Limit[](4);
        p.limits[0] = Limit(RateLimitKeys.usdsToUsdc(), 5_000_000e6, uint256(50_000_000e6) / 1 days);
        p.limits[1] = Limit(RateLimitKeys.erc4626Withdraw(address(susds)), type(uint256).max, 0);
        p.limits[2] = Limit(
            RateLimitKeys.lctsFundRedeem(address(usds), factory.predictUnit(CLASS_ID, unitParams()).unit),
            10_000_000e18,
            0
        );
        p.limits[3] = Limit(
            RateLimitKeys.offrampSend(address(usdc), custodian), 5_000_000e18, uint256(5_000_000e18) / 1 days
        );
        p.psm = PsmConfig(0, address(psm), address(daiUsds), address(wrapper), 0.001e18);
        p.endpoints = new Endpoint[](1);
        p.endpoints[0].target = custodian;
        p.endpoints[0].kind = FIAT_CUSTODY;
        p.endpoints[0].assets = new address[](1);
        p.endpoints[0].assets[0] = address(usdc);
        p.endpoints[0].maxInFlight = 8_000_000e18;
        p.endpoints[0].kycHash = "file on the custodian";
        p.configurator = true;
        p.takeoverDelay = 48 hours;
        p.legalFrameHash = "trust deed";
        p.artifactId = artifacts.idOf(ArtifactKind.CLASS, CLASS_ID);
        p.salt = "class salt";
    }

    function unitParams() internal view returns (UnitParams memory p) {
        p.slug = "senior";
        p.name = "Acme T-bill Senior";
        p.symbol = "acmeTBILL";
        p.cap = 100_000_000e18;
        p.epochSubscribeCap = 50_000_000e18;
        p.epochRedeemCap = 50_000_000e18;
        p.minSubscribe = 1_000e18;
        p.minRedeem = 1_000e18;
        p.minEpochGap = 20 hours;
        p.maxLock = 6 hours;
        p.clock = Clock(true, 46_800, 57_600);
        p.entrants = new address[](1);
        p.entrants[0] = address(primeProxy);
        p.holders = new address[](1);
        p.holders[0] = address(primeProxy);
        p.artifactId = artifacts.idOf(ArtifactKind.UNIT, UNIT_ID);
        p.salt = "unit salt";
    }

    function factoryCore() internal view returns (FactoryCore memory) {
        return FactoryCore({
            templates: address(templates),
            artifacts: address(artifacts),
            beacons: address(beacons),
            units: address(units),
            facetBeacon: address(facetBeacon),
            checks: address(checks),
            configurator: address(configurator),
            registrar: address(registrar)
        });
    }

    // --- Steps ---

    /// @dev The Halo approves parameters as the next version of an artifact.
    function approveParams(bytes32 artifactId, bytes32 paramsHash) internal {
        (, bytes32 contentHash,,) = artifacts.head(artifactId);
        vm.prank(haloProxy);
        artifacts.edit(
            artifactId, contentHash, keccak256(abi.encode(contentHash)), paramsHash, "ipfs://text", 0
        );
    }

    function deployClass(ClassParams memory p) internal returns (ClassAddresses memory) {
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        vm.prank(deployer);
        return factory.deployClass(p);
    }

    function deployUnit(UnitParams memory p) internal returns (UnitAddresses memory) {
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        vm.prank(deployer);
        return factory.deployUnit(CLASS_ID, p);
    }

    function heartbeats() internal {
        vm.prank(settler);
        beacons.heartbeat(LCTS_BEACON, "root");
        vm.prank(relayer);
        beacons.heartbeat(RELAY_BEACON, "root");
    }

    /// @dev The limits that the Prime's governance gives a Unit.
    function openPrimeLimits(address unit) internal {
        vm.startPrank(primeSubProxy);
        primeLimits.setRateLimitPreserving(
            RateLimitKeys.erc7540Deposit(address(usds), unit), 10_000_000e18, 0
        );
        primeLimits.setUnlimitedRateLimitData(RateLimitKeys.erc7540Redeem(unit));
        primeLimits.setUnlimitedRateLimitData(RateLimitKeys.lctsExit(unit));
        vm.stopPrank();
    }

    /// @dev Sky names the BeamState, which knows the Prime's PAU and lets its subscriptions to `unit` grow.
    function openConfigurator(address unit) internal {
        vm.startPrank(sky);
        units.setBeamState(address(beamState));
        beamState.registerPau(
            address(primeProxy),
            Pau(address(primeController), address(primeLimits), address(primeAcl), PRIME_ID)
        );
        beamState.setHop(address(0), 18 hours);
        beamState.setMaxChange(address(0), 1.25e18);
        beamState.addInitRateLimit(
            RateLimitKeys.erc7540Deposit(address(usds), unit), address(primeProxy), 10_000_000e18, 0
        );
        vm.stopPrank();
    }

    /// @dev Two of the three attestors report that all value is `deployed`.
    function postReport(PositionReporter reporter, uint256 deployed) internal {
        Report memory report = Report({
            seq: reporter.lastSeq() + 1,
            asOf: uint64(block.timestamp),
            deployedValue: deployed,
            inFlightValue: 0,
            liquidValue: 0,
            feesAccrued: 0,
            positionsRoot: "positions",
            docHash: "document",
            uri: "ipfs://report"
        });
        (address[] memory signers, bytes[] memory signatures) = quorum(reporter.digestOf(report));
        reporter.post(report, signers, signatures);
    }

    /// @dev Two of the three attestors sign, in the order that the reporter asks for.
    function quorum(bytes32 digest) internal returns (address[] memory signers, bytes[] memory signatures) {
        (address a, uint256 keyA) = attestor(0);
        (address b, uint256 keyB) = attestor(1);
        if (a > b) (a, keyA, b, keyB) = (b, keyB, a, keyA);
        (signers, signatures) = (new address[](2), new bytes[](2));
        (signers[0], signers[1]) = (a, b);
        (signatures[0], signatures[1]) = (sign(keyA, digest), sign(keyB, digest));
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    // --- Genesis ---

    function approveBlob(
        TemplateKind kind,
        string memory name,
        bytes memory creationCode,
        bytes32 runtimeHash
    ) internal returns (bytes32 id, uint16 version) {
        TemplateRegistry.Proposal memory p;
        p.kind = kind;
        p.name = name;
        p.blobs = new address[](1);
        p.blobs[0] = templates.store(creationCode);
        p.creationHash = keccak256(creationCode);
        p.runtimeHash = runtimeHash;
        p.auditHash = "audit";
        (id, version) = templates.propose(p);
        templates.approve(id, version);
    }

    function approveImplementation(TemplateKind kind, string memory name, address implementation)
        internal
        returns (bytes32 id, uint16 version)
    {
        TemplateRegistry.Proposal memory p;
        p.kind = kind;
        p.name = name;
        p.implementation = implementation;
        p.runtimeHash = implementation.codehash;
        p.auditHash = "audit";
        (id, version) = templates.propose(p);
        templates.approve(id, version);
    }

    function _templates() private {
        TemplateKind pau = TemplateKind.CLASS_PAU;
        approveImplementation(pau, "ClassALMProxy", address(new ClassALMProxy()));
        approveImplementation(pau, "ClassRateLimits", address(new ClassRateLimits()));
        approveImplementation(pau, "ClassAccessControls", address(new ClassAccessControls()));
        approveImplementation(pau, "ClassController", address(new ClassController()));
        approveBlob(
            TemplateKind.GUARD,
            "FreezerModule",
            type(FreezerModule).creationCode,
            keccak256(type(FreezerModule).runtimeCode)
        );
        approveImplementation(TemplateKind.BOOK, "HaloBook", address(new HaloBook()));
        approveImplementation(TemplateKind.BOOK, "OfframpLedger", address(new OfframpLedger()));
        approveImplementation(TemplateKind.BUFFER, "EndpointBuffer", address(new EndpointBuffer()));
        approveImplementation(TemplateKind.GUARD, "EmergencyGuard", address(new EmergencyGuard()));
        approveImplementation(TemplateKind.REPORTER, "PositionReporter", address(new PositionReporter()));
        approveImplementation(TemplateKind.UNIT, "HaloUnit", address(new HaloUnit()));
        approveImplementation(TemplateKind.QUEUE, "LctsQueue", address(new LctsQueue()));
    }

    function _facets() private {
        _facet("UsdsFacet", new UsdsFacet());
        _facet("PsmFacet", new PsmFacet());
        _facet("TransferAssetFacet", new TransferAssetFacet());
        _facet("Erc4626Facet", new Erc4626Facet());
        _facet("Erc7540Facet", new Erc7540Facet());
        _facet("LctsPrimeFacet", new LctsPrimeFacet());
        _facet("LctsHaloFacet", new LctsHaloFacet());
        _facet("OfframpFacet", new OfframpFacet());
    }

    function _facet(string memory name, Facet facet) private {
        approveImplementation(TemplateKind.FACET, name, address(facet));
        facetBeacon.setIntegration(facet.integrationId(), address(facet), facet.wires());
        facetOf[facet.integrationId()] = address(facet);
    }

    function people(uint256 count, string memory what) internal pure returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = address(uint160(uint256(keccak256(abi.encode(what, i)))));
        }
    }
}
