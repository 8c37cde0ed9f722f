// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Deployments } from "test/access/Deployments.sol";

/// @notice Every state-changing function of every template, called by everybody. Written by
/// `cargo xtask generate` from policy.toml and the templates' ABIs; not by hand.
contract AccessMatrixTest is Deployments {
    // forgefmt: disable-start
    function test_I23_ALMProxy() public {
        address at = deploy("ALMProxy");
        check(at, "doCall(address,bytes)", Fill.ZERO, Words(0x1, 0x0, 0x2), "controller");
        check(at, "doCallWithValue(address,bytes,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x2), "controller");
        check(at, "doDelegateCall(address,bytes)", Fill.ZERO, Words(0x1, 0x0, 0x2), "nobody");
        check(at, "grantRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin guard");
        check(at, "renounceRole(bytes32,address)", Fill.SELF, Words(0x2, 0x1, 0x0), "anyone");
        check(at, "revokeRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin guard");
        check(at, "setGuard(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
    }

    function test_I23_AccessControls() public {
        address at = deploy("AccessControls");
        check(at, "grantRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin guard");
        check(at, "renounceRole(bytes32,address)", Fill.SELF, Words(0x2, 0x1, 0x0), "anyone");
        check(at, "revokeRole(bytes32,address)", Fill.KNOWN, Words(0x2, 0x1, 0x0), "admin guard revoker");
        check(at, "setFreezer(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "param");
        check(at, "setGuard(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
        check(at, "setRelayer(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "param");
        check(at, "setRoleRevoker(bytes32,bytes32)", Fill.ZERO, Words(0x0, 0x3, 0x0), "guard");
    }

    function test_I23_ArtifactRegistry() public {
        address at = deploy("ArtifactRegistry");
        check(at, "create(uint8,bytes32,string)", Fill.LATE, Words(0x0, 0x2, 0x4), "sky");
        check(at, "edit(bytes32,bytes32,bytes32,bytes32,string,uint64)", Fill.KNOWN, Words(0x0, 0xf, 0x10), "sky haloProxy");
        check(at, "propose(bytes32,bytes32,bytes32,bytes32,string,uint64)", Fill.KNOWN, Words(0x0, 0xf, 0x10), "sky haloProxy");
        check(at, "ratify(bytes32,uint64)", Fill.KNOWN, Words(0x0, 0x1, 0x0), "sky haloProxy");
        check(at, "revoke(bytes32,uint64,bytes32)", Fill.KNOWN, Words(0x0, 0x5, 0x0), "sky council");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setLevel(bytes32,address,uint8)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky");
    }

    function test_I23_BeaconRegistry() public {
        address at = deploy("BeaconRegistry");
        check(at, "heartbeat(bytes32,bytes32)", Fill.KNOWN, Words(0x0, 0x3, 0x0), "settler");
        check(at, "register(string,address,uint8,bytes32,bytes32,string)", Fill.ZERO, Words(0x2, 0x18, 0x21), "sky");
        check(at, "resume(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "sky");
        check(at, "revoke(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "sky council");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "suspend(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "council sky");
    }

    function test_I23_BeamMom() public {
        address at = deploy("BeamMom");
        check(at, "pause()", Fill.ZERO, Words(0x0, 0x0, 0x0), "hat sky");
        check(at, "setAuthority(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setOwner(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "stop()", Fill.ZERO, Words(0x0, 0x0, 0x0), "hat sky");
    }

    function test_I23_BeamScheduler() public {
        address at = deploy("BeamScheduler");
        check(at, "diss(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky council");
        check(at, "kiss(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "scheduleGovOps(address,address,(bytes32,bytes32))", Fill.ZERO, Words(0x3, 0x0, 0x0), "bud");
        check(at, "scheduleInitActions((bytes,address,bool,uint64)[],(bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x1), "bud");
        check(at, "scheduleInitRateLimits((bytes32,address,uint256,uint256,uint256)[],(bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x1), "bud");
        check(at, "schedulePace(address,uint64,uint192,(bytes32,bytes32))", Fill.ZERO, Words(0x1, 0x0, 0x0), "bud");
        check(at, "scheduleStart((bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x0), "bud");
        check(at, "scheduleVenue((bytes,address,bool,uint64),(bytes32,address,uint256,uint256,uint256)[],(bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x3), "bud");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
    }

    function test_I23_BeamState() public {
        address at = deploy("BeamState");
        check(at, "addGovOps(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "sky delayed");
        check(at, "addInitAction(bytes32,address,bool,uint64)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky delayed");
        check(at, "addInitRateLimit(bytes32,address,uint256,uint256)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky delayed");
        check(at, "addVenueInitRateLimit(bytes32,address,uint256,uint256,bytes32)", Fill.ZERO, Words(0x2, 0x11, 0x0), "sky delayed");
        check(at, "delGovOps(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "sky immediate");
        check(at, "delInitAction(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky immediate");
        check(at, "delInitRateLimit(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky immediate");
        check(at, "grantRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky");
        check(at, "registerPau(address,(address,address,address,bytes32))", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky delayed");
        check(at, "renounceRole(bytes32,address)", Fill.SELF, Words(0x2, 0x1, 0x0), "anyone");
        check(at, "revokeRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky");
        check(at, "setBeacons(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setHop(address,uint64)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky delayed");
        check(at, "setMaxChange(address,uint192)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky delayed");
        check(at, "start()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky delayed");
        check(at, "stop()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky immediate");
        check(at, "unregisterPau(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky immediate");
        check(at, "useInitAction(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "configurator");
    }

    function test_I23_BeamTimelock() public {
        address at = deploy("BeamTimelock");
        check(at, "cancel(bytes32)", Fill.KNOWN, Words(0x0, 0x1, 0x0), "canceller");
        check(at, "decreaseDelay(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "executeBatch(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "anyone");
        check(at, "grantRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky");
        check(at, "increaseDelay(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky");
        check(at, "pause()", Fill.ZERO, Words(0x0, 0x0, 0x0), "pauser");
        check(at, "renounceRole(bytes32,address)", Fill.SELF, Words(0x2, 0x1, 0x0), "anyone");
        check(at, "revokeRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "sky");
        check(at, "scheduleBatch(address[],bytes[],bytes32,bytes32)", Fill.ZERO, Words(0x0, 0xc, 0x3), "proposer");
        check(at, "unpause()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky");
    }

    function test_I23_ClassController() public {
        address at = deploy("ClassController");
        check(at, "initialize(address,address,address,address,address)", Fill.ZERO, Words(0x1f, 0x0, 0x0), "nobody");
        check(at, "removeIntegrations(bytes32[])", Fill.ZERO, Words(0x0, 0x0, 0x1), "admin guard");
        check(at, "syncIntegrations(bytes32[],bytes32[])", Fill.ZERO, Words(0x0, 0x0, 0x3), "admin guard");
        check(at, "updateIntegrations(bytes32[])", Fill.ZERO, Words(0x0, 0x0, 0x1), "admin guard");
    }

    function test_I23_Configurator() public {
        address at = deploy("Configurator");
        check(at, "callControllerAction(address,bytes)", Fill.KNOWN, Words(0x1, 0x0, 0x2), "govops");
        check(at, "onboard(address,bytes[],(bytes32,uint256,uint256)[])", Fill.KNOWN, Words(0x1, 0x0, 0x6), "govops");
        check(at, "removeFreezer(address,address)", Fill.KNOWN, Words(0x3, 0x0, 0x0), "govops");
        check(at, "removeRateLimit(address,bytes32)", Fill.KNOWN, Words(0x1, 0x2, 0x0), "govops");
        check(at, "removeRelayer(address,address)", Fill.KNOWN, Words(0x3, 0x0, 0x0), "govops");
        check(at, "setFreezer(address,address)", Fill.KNOWN, Words(0x3, 0x0, 0x0), "govops");
        check(at, "setRateLimit(address,bytes32,uint256,uint256)", Fill.KNOWN, Words(0x1, 0x2, 0x0), "govops");
        check(at, "setRelayer(address,address)", Fill.KNOWN, Words(0x3, 0x0, 0x0), "govops");
    }

    function test_I23_ConserverController() public {
        address at = deploy("ConserverController");
        check(at, "announce(bytes32,bytes32[])", Fill.ZERO, Words(0x0, 0x1, 0x2), "admin guard");
        check(at, "conclude()", Fill.LATE, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "dropAllowance(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "admin guard");
        check(at, "fundRedemptions(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
        check(at, "initialize((address,address,address,address,address,address,address,bytes32,address,uint64))", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "migrate((bytes32,uint64,(address,address,uint256)[],(address,address,uint256)[],(address,uint256)[]),bytes32[])", Fill.LATE, Words(0x0, 0x0, 0x3), "admin guard");
        check(at, "openExits(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
        check(at, "recall(bytes)", Fill.ZERO, Words(0x0, 0x0, 0x1), "admin guard");
        check(at, "runStep((bytes32,uint64,(address,address,uint256)[],(address,address,uint256)[],(address,uint256)[]),uint256,uint256)", Fill.LATE, Words(0x0, 0x0, 0x1), "admin guard");
        check(at, "setSettler(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
    }

    function test_I23_EmergencyGuard() public {
        address at = deploy("EmergencyGuard");
        check(at, "cancelTakeover()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky council");
        check(at, "completeTakeover()", Fill.ZERO, Words(0x0, 0x0, 0x0), "conserver");
        check(at, "freezeClass()", Fill.ZERO, Words(0x0, 0x0, 0x0), "freezer conserver sky council");
        check(at, "freezeUnit(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "freezer conserver sky council");
        check(at, "initialize((address,address,address,address,address,address,address,bytes32,address,uint64))", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "initiateTakeover(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "conserver");
        check(at, "prepareMigration()", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin");
        check(at, "purgeOperators()", Fill.ZERO, Words(0x0, 0x0, 0x0), "freezer conserver sky council");
        check(at, "resumeLedger()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky");
        check(at, "returnControl(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setConserver(address,bool)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "unfreezeUnit(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "zeroKeys(bytes32[])", Fill.ZERO, Words(0x0, 0x0, 0x1), "freezer conserver sky council");
    }

    function test_I23_EndpointBuffer() public {
        address at = deploy("EndpointBuffer");
        check(at, "approveAsset(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "initialize(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "nobody");
        check(at, "rescue(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "rescueEth()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
    }

    function test_I23_Erc4626Facet() public {
        address at = deploy("Erc4626Facet");
        check(at, "erc4626_deposit(address,uint256,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "erc4626_redeem(address,uint256,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "erc4626_setMaxExchangeRate(address,uint256,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard param");
        check(at, "erc4626_withdraw(address,uint256,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
    }

    function test_I23_Erc7540Facet() public {
        address at = deploy("Erc7540Facet");
        check(at, "erc7540_claimDeposit(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "erc7540_claimRedeem(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "erc7540_requestDeposit(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "erc7540_requestRedeem(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
    }

    function test_I23_FacetBeacon() public {
        address at = deploy("FacetBeacon");
        check(at, "grantRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin");
        check(at, "removeIntegration(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "admin");
        check(at, "renounceRole(bytes32,address)", Fill.SELF, Words(0x2, 0x1, 0x0), "anyone");
        check(at, "revokeRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin");
        check(at, "setIntegration(bytes32,address,(bytes4,bytes4)[])", Fill.ZERO, Words(0x2, 0x1, 0x4), "admin");
    }

    function test_I23_FreezerModule() public {
        address at = deploy("FreezerModule");
        check(at, "removeRelayer(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "freezer");
        check(at, "removeSettler(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "freezer");
    }

    function test_I23_HaloBook() public {
        address at = deploy("HaloBook");
        check(at, "addUnit(address,uint8,uint16,uint16)", Fill.ZERO, Words(0x1, 0x0, 0x0), "factory");
        check(at, "applyLoss(uint256,bytes32)", Fill.ZERO, Words(0x0, 0x2, 0x0), "ledger conserver admin guard");
        check(at, "confirm(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "reporter");
        check(at, "crystallize(uint8)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "forceNav(uint256,bytes32)", Fill.ZERO, Words(0x0, 0x2, 0x0), "admin guard");
        check(at, "initialize((address,address,address,uint8,uint16,uint16,uint32,address,address))", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "onBurn(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "unit");
        check(at, "onSettle(uint256,uint256,int256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "unit");
        check(at, "postNav(uint64,uint256,uint256,bool)", Fill.ZERO, Words(0x0, 0x0, 0x0), "reporter");
        check(at, "reject(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "reporter");
        check(at, "releaseReserve(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "setParams(uint16,uint16,uint32)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "setTerms(address,uint16,uint16)", Fill.KNOWN, Words(0x1, 0x0, 0x0), "admin guard");
    }

    function test_I23_HaloFactory() public {
        address at = deploy("HaloFactory");
        check(at, "deployHalo((string,address,address[],uint32,uint32,(string,string,uint256,address,uint256),bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x1), "anyone");
    }

    function test_I23_HaloMom() public {
        address at = deploy("HaloMom");
        check(at, "freezeClass(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "hat sky");
        check(at, "freezeUnit(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "hat sky");
        check(at, "purgeOperators(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "hat sky");
        check(at, "setAuthority(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setOwner(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
    }

    function test_I23_HaloSpellGuard() public {
        address at = deploy("HaloSpellGuard");
        check(at, "approveHat(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "hat");
        check(at, "cancel()", Fill.ZERO, Words(0x0, 0x0, 0x0), "canceller");
        check(at, "drop()", Fill.ZERO, Words(0x0, 0x0, 0x0), "parent sky");
        check(at, "exec()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "freeze(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "canceller");
        check(at, "initialize((address,address,address,address,uint32,uint32,address[]))", Fill.ZERO, Words(0x0, 0x0, 0x1), "nobody");
        check(at, "plot(address,bytes32)", Fill.ZERO, Words(0x1, 0x2, 0x0), "parent sky");
        check(at, "setCanceller(address,bool)", Fill.ZERO, Words(0x1, 0x0, 0x0), "haloProxy sky");
        check(at, "thaw()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky");
    }

    function test_I23_HaloSubProxy() public {
        address at = deploy("HaloSubProxy");
        check(at, "deny(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "exec(address,bytes)", Fill.ZERO, Words(0x1, 0x0, 0x2), "sky");
        check(at, "rely(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
    }

    function test_I23_HaloToken() public {
        address at = deploy("HaloToken");
        check(at, "approve(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "delegate(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)", Fill.ZERO, Words(0x1, 0x30, 0x0), "anyone");
        check(at, "initialize((string,string,uint256,address))", Fill.ZERO, Words(0x0, 0x0, 0x1), "nobody");
        check(at, "transfer(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "transferFrom(address,address,uint256)", Fill.ZERO, Words(0x3, 0x0, 0x0), "anyone");
    }

    function test_I23_HaloUnit() public {
        address at = deploy("HaloUnit");
        check(at, "approve(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "burn(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "holder");
        check(at, "cancelDepositRequest(uint256,address)", Fill.SELF, Words(0x2, 0x0, 0x0), "anyone");
        check(at, "cancelRedeemRequest(uint256,address)", Fill.SELF, Words(0x2, 0x0, 0x0), "anyone");
        check(at, "claimCancelDepositRequest(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "claimCancelRedeemRequest(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "close()", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "deposit(uint256,address)", Fill.SELF, Words(0x2, 0x0, 0x0), "anyone");
        check(at, "deposit(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "depositLiquidity(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "classProxy");
        check(at, "exitDeposit(address,address)", Fill.SELF, Words(0x3, 0x0, 0x0), "anyone");
        check(at, "exitRedeem(address,address)", Fill.SELF, Words(0x3, 0x0, 0x0), "anyone");
        check(at, "freeze()", Fill.ZERO, Words(0x0, 0x0, 0x0), "freezer conserver admin guard");
        check(at, "initialize((string,string,address,address,address,address,address,address,address,uint8,uint256,uint256,uint256,uint256,uint256,uint32,uint32,(bool,uint32,uint32),bool,address[],address[]))", Fill.ZERO, Words(0x0, 0x0, 0x1), "nobody");
        check(at, "lockEpoch()", Fill.ZERO, Words(0x0, 0x0, 0x0), "settler");
        check(at, "mint(uint256,address)", Fill.SELF, Words(0x2, 0x0, 0x0), "anyone");
        check(at, "mint(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "pauseSubscribe()", Fill.ZERO, Words(0x0, 0x0, 0x0), "freezer conserver admin guard");
        check(at, "redeem(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "requestDeposit(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "prime");
        check(at, "requestRedeem(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "resumeSubscribe()", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "setCaps(uint256,uint256,uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "setEntrant(address,bool)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
        check(at, "setHolder(address,bool)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
        check(at, "setOpen(bool)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "setOperator(address,bool)", Fill.ZERO, Words(0x1, 0x0, 0x0), "anyone");
        check(at, "setSubscribeUntil(uint64)", Fill.ZERO, Words(0x0, 0x0, 0x0), "registry");
        check(at, "settleEpoch((uint64,uint256,uint256,uint256,uint256))", Fill.ZERO, Words(0x0, 0x0, 0x0), "settler");
        check(at, "settleFinalized(address,address)", Fill.SELF, Words(0x3, 0x0, 0x0), "anyone");
        check(at, "skim(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "admin guard");
        check(at, "transfer(address,uint256)", Fill.SELF, Words(0x1, 0x0, 0x0), "prime holder");
        check(at, "transferFrom(address,address,uint256)", Fill.SELF, Words(0x3, 0x0, 0x0), "prime holder");
        check(at, "unfreeze()", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "unlockStale()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "windDown()", Fill.ZERO, Words(0x0, 0x0, 0x0), "conserver admin guard");
        check(at, "withdraw(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "withdrawLiquidity(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "classProxy");
    }

    function test_I23_LaniakeaFactory() public {
        address at = deploy("LaniakeaFactory");
        check(at, "addDeployer(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "deployClass((bytes32,string,address,address[],address,address[],address,address,bytes32,address[],uint8,(uint8,uint16,uint16,uint16,uint32),bytes32[],(bytes32,uint256,uint256)[],(uint8,address,address,address,uint256),(address,uint8,address[],uint256,uint256,uint256,bytes32)[],bool,uint64,bytes32,bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x1), "deployer");
        check(at, "deployUnit(bytes32,(string,string,string,uint8,uint16,uint16,uint256,uint256,uint256,uint256,uint256,uint32,uint32,(bool,uint32,uint32),bool,address[],address[],bytes32,bytes32))", Fill.ZERO, Words(0x0, 0x1, 0x2), "deployer");
        check(at, "removeDeployer(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "council sky");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
    }

    function test_I23_LctsHaloFacet() public {
        address at = deploy("LctsHaloFacet");
        check(at, "lctsHalo_defundRedemption(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "lctsHalo_fundRedemption(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
    }

    function test_I23_LctsPrimeFacet() public {
        address at = deploy("LctsPrimeFacet");
        check(at, "lctsPrime_exit(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "lctsPrime_exitRedemption(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
        check(at, "lctsPrime_settleFinalized(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
    }

    function test_I23_LctsQueue() public {
        address at = deploy("LctsQueue");
        check(at, "cancel(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "unit");
        check(at, "claimConverted(address,uint256,address)", Fill.ZERO, Words(0x5, 0x0, 0x0), "unit");
        check(at, "claimRefund(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "unit");
        check(at, "claimReward(address,uint256,address)", Fill.ZERO, Words(0x5, 0x0, 0x0), "unit");
        check(at, "enter(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "unit");
        check(at, "exit(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "unit");
        check(at, "initialize(address,address,uint256)", Fill.ZERO, Words(0x3, 0x0, 0x0), "nobody");
        check(at, "lock()", Fill.ZERO, Words(0x0, 0x0, 0x0), "unit");
        check(at, "release(address,uint256)", Fill.ZERO, Words(0x1, 0x0, 0x0), "unit");
        check(at, "settle(uint256,uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "unit");
        check(at, "skim(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "admin guard");
        check(at, "unlock()", Fill.ZERO, Words(0x0, 0x0, 0x0), "unit");
    }

    function test_I23_MigrationVault() public {
        address at = deploy("MigrationVault");
        check(at, "conclude(bool)", Fill.ZERO, Words(0x0, 0x0, 0x0), "controller");
        check(at, "enter()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "giveBack()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "initialize((address,address,address,uint256,uint64))", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "redeemBack()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "requestDeposit(uint256,address,address)", Fill.SELF, Words(0x6, 0x0, 0x0), "anyone");
        check(at, "swap(uint256,address)", Fill.ZERO, Words(0x2, 0x0, 0x0), "anyone");
    }

    function test_I23_OfframpFacet() public {
        address at = deploy("OfframpFacet");
        check(at, "offramp_claim(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "relayer");
        check(at, "offramp_send(address,address,uint256,bytes32)", Fill.ZERO, Words(0x3, 0x8, 0x0), "relayer");
        check(at, "offramp_setLedger(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard param");
        check(at, "offramp_sync(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "relayer");
    }

    function test_I23_OfframpLedger() public {
        address at = deploy("OfframpLedger");
        check(at, "acknowledge((address,uint256,bytes32,uint64),address[],bytes[])", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "deactivate(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "freezer conserver admin guard");
        check(at, "halt()", Fill.ZERO, Words(0x0, 0x0, 0x0), "freezer conserver admin guard");
        check(at, "initialize((address,address,address,address,address,address,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "matchReturn((address,address,uint256,uint256,bytes32,uint64),address[],bytes[])", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "onClaim(address,address,uint256)", Fill.ZERO, Words(0x3, 0x0, 0x0), "controller");
        check(at, "onSend(address,address,uint256)", Fill.ZERO, Words(0x3, 0x0, 0x0), "controller");
        check(at, "resume()", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "seal()", Fill.ZERO, Words(0x0, 0x0, 0x0), "factory");
        check(at, "setEndpoint((address,uint8,address[],address,uint256,uint256,uint256,bytes32))", Fill.ZERO, Words(0x0, 0x0, 0x1), "factory admin guard");
        check(at, "takeCredit(address,address)", Fill.ZERO, Words(0x3, 0x0, 0x0), "controller");
        check(at, "writeOff(address,uint256,bool,bytes32)", Fill.ZERO, Words(0x1, 0x8, 0x0), "conserver admin guard");
    }

    function test_I23_PauRegistrar() public {
        address at = deploy("PauRegistrar");
        check(at, "dropFactory()", Fill.ZERO, Words(0x0, 0x0, 0x0), "sky council");
        check(at, "register(address,(address,address,address,bytes32))", Fill.ZERO, Words(0x1, 0x0, 0x0), "factory");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setFactory(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
    }

    function test_I23_PositionReporter() public {
        address at = deploy("PositionReporter");
        check(at, "confirm(uint64)", Fill.ZERO, Words(0x0, 0x0, 0x0), "attestor conserver");
        check(at, "initialize((address,address,address[],uint8,uint16,address))", Fill.ZERO, Words(0x0, 0x0, 0x1), "nobody");
        check(at, "post((uint64,uint64,uint256,uint256,uint256,uint256,bytes32,bytes32,string),address[],bytes[])", Fill.ZERO, Words(0x0, 0x0, 0x7), "anyone");
        check(at, "reject(uint64)", Fill.ZERO, Words(0x0, 0x0, 0x0), "attestor conserver");
        check(at, "setAttestor(address,bool)", Fill.ZERO, Words(0x1, 0x0, 0x0), "freezer conserver admin guard");
        check(at, "setCostTolerance(uint16)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "setThreshold(uint8)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
    }

    function test_I23_PsmFacet() public {
        address at = deploy("PsmFacet");
        check(at, "psm_setConfig((uint8,address,address,address,uint256))", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard param");
        check(at, "psm_setHalted(bool)", Fill.ZERO, Words(0x0, 0x0, 0x0), "admin guard");
        check(at, "psm_swapUSDCToUSDS(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "relayer");
        check(at, "psm_swapUSDSToUSDC(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "relayer");
    }

    function test_I23_RateLimits() public {
        address at = deploy("RateLimits");
        check(at, "grantRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin guard");
        check(at, "renounceRole(bytes32,address)", Fill.SELF, Words(0x2, 0x1, 0x0), "anyone");
        check(at, "revokeRole(bytes32,address)", Fill.ZERO, Words(0x2, 0x1, 0x0), "admin guard");
        check(at, "setGuard(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard");
        check(at, "setRateLimitData(bytes32,uint256,uint256,uint256,uint256)", Fill.ZERO, Words(0x0, 0x1, 0x0), "admin guard");
        check(at, "setRateLimitPreserving(bytes32,uint256,uint256)", Fill.ZERO, Words(0x0, 0x1, 0x0), "admin guard setter");
        check(at, "setUnlimitedRateLimitData(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "admin guard setter");
        check(at, "triggerRateLimitDecrease(bytes32,uint256)", Fill.ZERO, Words(0x0, 0x1, 0x0), "controller");
        check(at, "triggerRateLimitIncrease(bytes32,uint256)", Fill.ZERO, Words(0x0, 0x1, 0x0), "controller");
    }

    function test_I23_TemplateRegistry() public {
        address at = deploy("TemplateRegistry");
        check(at, "approve(bytes32,uint16)", Fill.ZERO, Words(0x0, 0x1, 0x0), "sky");
        check(at, "deprecate(bytes32,uint16)", Fill.ZERO, Words(0x0, 0x1, 0x0), "council sky");
        check(at, "propose((uint8,string,address,address[],bytes32,bytes32,bytes32,string))", Fill.ZERO, Words(0x0, 0x0, 0x1), "council sky");
        check(at, "revoke(bytes32,uint16)", Fill.ZERO, Words(0x0, 0x1, 0x0), "council sky");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "store(bytes)", Fill.ZERO, Words(0x0, 0x0, 0x1), "anyone");
    }

    function test_I23_TokenHat() public {
        address at = deploy("TokenHat");
        check(at, "free(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "initialize((address,address,uint256))", Fill.ZERO, Words(0x0, 0x0, 0x0), "nobody");
        check(at, "lift()", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "lock(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "anyone");
        check(at, "vote(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "anyone");
    }

    function test_I23_TransferAssetFacet() public {
        address at = deploy("TransferAssetFacet");
        check(at, "transferAsset_transfer(address,address,uint256)", Fill.ZERO, Words(0x3, 0x0, 0x0), "relayer");
    }

    function test_I23_UnitRegistry() public {
        address at = deploy("UnitRegistry");
        check(at, "activate(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "sky");
        check(at, "poke(bytes32)", Fill.ZERO, Words(0x0, 0x1, 0x0), "anyone");
        check(at, "registerClass(bytes32,(bytes32,bytes32,bytes32,bytes32,(address,address,address,address,address,address,address,address,address),address,uint64,address))", Fill.ZERO, Words(0x0, 0x1, 0x0), "factory");
        check(at, "registerHalo(string,bytes32,address)", Fill.ZERO, Words(0x4, 0x2, 0x1), "sky");
        check(at, "registerLegacy(bytes32,string,address,bool,bytes32)", Fill.ZERO, Words(0x4, 0x11, 0x2), "sky");
        check(at, "registerPrime(string,address,address,address)", Fill.ZERO, Words(0xe, 0x0, 0x1), "sky");
        check(at, "registerUnit(bytes32,bytes32,(address,address,address),uint8,bytes32)", Fill.ZERO, Words(0x0, 0x3, 0x0), "factory");
        check(at, "retire(bytes32,bytes32)", Fill.ZERO, Words(0x0, 0x3, 0x0), "sky");
        check(at, "setAdmin(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setBeamState(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setCouncil(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "setFactory(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "sky");
        check(at, "suspend(bytes32,bytes32)", Fill.KNOWN, Words(0x0, 0x3, 0x0), "freezer conserver council sky guard");
    }

    function test_I23_UsdsFacet() public {
        address at = deploy("UsdsFacet");
        check(at, "usds_burn(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "relayer");
        check(at, "usds_mint(uint256)", Fill.ZERO, Words(0x0, 0x0, 0x0), "relayer");
        check(at, "usds_setVault(address)", Fill.ZERO, Words(0x1, 0x0, 0x0), "admin guard param");
    }
    // forgefmt: disable-end
}
