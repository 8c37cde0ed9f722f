// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { EndpointConfig, FIAT_CUSTODY, LedgerInit, OTC_DESK } from "src/offramp/OfframpTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice How a ledger is set up, changed and stopped, and by whom.
contract OfframpLedgerTest is OfframpBase {
    // --- binding ---

    function test_initialize_once_and_whole() public {
        OfframpLedger template = new OfframpLedger();
        LedgerInit memory p = ledgerInit(address(quorum), address(book));
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(p);
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        ledger.initialize(p);

        bytes32[6] memory names = [bytes32("acl"), "controller", "almProxy", "reporter", "book", "bufferHash"];
        for (uint256 i; i < names.length; ++i) {
            p = ledgerInit(address(quorum), address(book));
            if (i == 0) p.acl = address(0);
            if (i == 1) p.controller = address(0);
            if (i == 2) p.almProxy = address(0);
            if (i == 3) p.reporter = address(0);
            if (i == 4) p.book = address(0);
            if (i == 5) p.bufferHash = 0;
            OfframpLedger fresh = OfframpLedger(Clones.clone(address(template)));
            vm.expectRevert(abi.encodeWithSelector(OfframpLedger.BadParameter.selector, names[i]));
            fresh.initialize(p);
        }
        vm.assertEq(ledger.acl(), address(acl), "acl");
        vm.assertEq(ledger.controller(), address(controller), "controller");
        vm.assertEq(ledger.almProxy(), address(proxy), "proxy");
        vm.assertEq(ledger.reporter(), address(quorum), "reporter");
        vm.assertEq(ledger.book(), address(book), "book");
        vm.assertEq(ledger.factory(), deployer, "factory");
        vm.assertEq(ledger.bufferHash(), address(custodyBuffer).codehash, "buffer hash");
    }

    function test_factory_sets_endpoints_until_it_seals() public {
        EndpointConfig memory p = custodyConfig();
        vm.prank(deployer);
        ledger.setEndpoint(p);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.NotFactory.selector, admin));
        ledger.seal();
        vm.expectEmit(address(ledger));
        emit OfframpLedger.Sealed();
        vm.startPrank(deployer);
        ledger.seal();
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        ledger.setEndpoint(p);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.NotFactory.selector, deployer));
        ledger.seal();
        vm.stopPrank();
        setEndpoint(p);
    }

    // --- endpoints ---

    function test_endpoints_read_as_they_were_set() public {
        EndpointConfig memory p = deskConfig();
        p.assets = new address[](1);
        p.assets[0] = address(usds);
        vm.expectEmit(address(ledger));
        emit OfframpLedger.EndpointSet(desk, p);
        setEndpoint(p);
        (EndpointConfig memory got, bool active) = ledger.endpointOf(desk);
        vm.assertEq(abi.encode(got), abi.encode(p), "as set");
        vm.assertTrue(active, "active");
        vm.assertEq(ledger.bufferOf(desk), address(deskBuffer), "buffer");
        vm.assertEq(abi.encode(ledger.assetsOf(desk)), abi.encode(assets()), "all that may come back");
        address[] memory both = ledger.targets();
        vm.assertEq(both.length, 2, "two");
        vm.assertEq(both[0], custody, "first");
        vm.assertEq(both[1], desk, "second");

        (got, active) = ledger.endpointOf(stranger);
        vm.assertEq(got.target, address(0), "none");
        vm.assertFalse(active, "not active");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.UnknownEndpoint.selector, stranger));
        ledger.bufferOf(stranger);
        vm.assertFalse(ledger.deskOf(stranger).ready, "not ready");
    }

    function test_endpoints_are_checked() public {
        EndpointConfig memory p = custodyConfig();
        p.target = address(0);
        _refused(p, "target");
        p.target = address(proxy);
        _refused(p, "target");
        p.target = address(deskBuffer); // paid there, it would come back as a return
        _refused(p, "target");
        p = custodyConfig();
        p.kind = 4;
        _refused(p, "kind");
        p.kind = OTC_DESK; // it is another kind already
        _refused(p, "kind");
        p = deskConfig();
        p.maxSlippage = 1e18 + 1;
        _refused(p, "maxSlippage");
        p = custodyConfig();
        p.maxSlippage = 1;
        _refused(p, "desk");
        p = custodyConfig();
        p.rechargeRate = 1;
        _refused(p, "desk");
        p = custodyConfig();
        p.maxInFlight = uint256(type(uint128).max) + 1;
        _refused(p, "maxInFlight");
        p = deskConfig();
        p.rechargeRate = uint256(type(uint128).max) + 1;
        _refused(p, "rechargeRate");
        p = custodyConfig();
        p.assets = new address[](0);
        _refused(p, "assets");
        p.assets = new address[](2);
        (p.assets[0], p.assets[1]) = (address(usdc), address(usdc));
        _refused(p, "assets");
    }

    /// @dev P6: a buffer that is no buffer, or is not ours, would strand what comes back.
    function test_P6_buffers_are_checked() public {
        EndpointConfig memory p = custodyConfig();
        p.target = makeAddr("new");
        p.buffer = address(0);
        _refused(p, "buffer");
        p.buffer = stranger; // an account without code
        _refused(p, "buffer");
        p.buffer = address(new FakeBuffer(address(proxy))); // right answer, other code
        _refused(p, "buffer");
        p.buffer = bufferTemplate; // the template itself is no clone
        _refused(p, "buffer");
        p.buffer = address(newBuffer(address(controller))); // bound to another proxy
        _refused(p, "buffer");
        p.buffer = Clones.clone(bufferTemplate); // bound to nothing, for anybody to bind
        _refused(p, "buffer");
        p.buffer = address(deskBuffer); // another endpoint's
        _refused(p, "buffer");
        p.buffer = address(newBuffer(address(proxy)));
        setEndpoint(p);
    }

    /// @dev P8: that assets of one endpoint are worth the same is governance's decision; what a chain can see of it, the
    ///      decimals, is checked.
    function testFuzz_P8_decimals(uint8 decimals) public {
        EndpointConfig memory p = custodyConfig();
        p.assets = new address[](1);
        p.assets[0] = address(new MockToken(decimals));
        if (decimals < 6 || decimals > 18) return _refused(p, "decimals");
        setEndpoint(p);
        vm.assertEq(ledger.assetsOf(custody).length, 3, "listed");
    }

    function test_assets_are_few() public {
        EndpointConfig memory p = custodyConfig();
        p.assets = new address[](1);
        for (uint256 i; i < 6; ++i) {
            p.assets[0] = address(new MockToken(18));
            setEndpoint(p);
        }
        vm.assertEq(ledger.assetsOf(custody).length, ledger.MAX_ASSETS(), "as many as may be");
        p.assets[0] = address(new MockToken(18));
        _refused(p, "assets");
        setEndpoint(custodyConfig()); // those known may be opened again
    }

    /// @dev An asset taken off may not be paid, and still comes home.
    function test_assets_taken_off_come_back() public {
        send(custody, 10e6);
        EndpointConfig memory p = custodyConfig();
        p.assets = new address[](1);
        p.assets[0] = address(usds);
        setEndpoint(p);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.AssetNotListed.selector, custody, address(usdc)));
        pau.offramp_send(custody, address(usdc), 1e6, "ref");
        giveBack(custodyBuffer, custody, 10e6);
        matchReturn(custody, 10e18, 0);
        assertBuckets(custody, 0, 0, 0);
    }

    // --- another buffer ---

    function test_buffer_stays_while_money_is_in_flight() public {
        send(custody, 10e6);
        EndpointConfig memory p = custodyConfig();
        p.buffer = address(newBuffer(address(proxy)));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.SwapInProgress.selector, custody));
        ledger.setEndpoint(p);
        acknowledge(custody, 10e18);
        setEndpoint(p);
        vm.assertEq(ledger.bufferOf(custody), p.buffer, "the new one");
        vm.assertEq(usdc.allowance(p.buffer, address(proxy)), MAX, "approved");
    }

    function test_buffer_of_a_desk_stays_while_a_swap_is_open() public {
        send(desk, 1_000e6);
        giveBack(deskBuffer, desk, 500e6);
        matchReturn(desk, 500e18, 0);
        acknowledge(desk, 500e18);
        EndpointConfig memory p = deskConfig();
        p.buffer = address(newBuffer(address(proxy)));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.SwapInProgress.selector, desk));
        ledger.setEndpoint(p);
        giveBack(deskBuffer, desk, 500e6);
        setEndpoint(p);
    }

    /// @dev A closed desk never gets ready; its buffer stays only if a swap was ever made.
    function test_buffer_of_a_closed_desk_changes_until_it_was_used() public {
        EndpointConfig memory p = deskConfig();
        p.maxSlippage = 0;
        setEndpoint(p);
        p.buffer = address(newBuffer(address(proxy)));
        setEndpoint(p);
        vm.assertEq(ledger.bufferOf(desk), p.buffer, "the new one");

        p.maxSlippage = LEAST;
        setEndpoint(p);
        send(desk, 10e6);
        acknowledge(desk, 10e18);
        p.maxSlippage = 0;
        setEndpoint(p);
        p.buffer = address(newBuffer(address(proxy)));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.SwapInProgress.selector, desk));
        ledger.setEndpoint(p);
    }

    /// @dev What arrives at the old buffer is not lost: it stays this endpoint's, which can be given it again.
    function test_an_old_buffer_can_come_back() public {
        EndpointConfig memory p = custodyConfig();
        p.buffer = address(newBuffer(address(proxy)));
        setEndpoint(p);
        usdc.mint(address(custodyBuffer), 9e6); // late, to the old address
        p = custodyConfig();
        p.target = stranger;
        _refused(p, "buffer");
        setEndpoint(custodyConfig());
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        assertBuckets(custody, 0, 0, 9e18);
    }

    // --- who may what (I23) ---

    function test_I23_access() public {
        address[4] memory nobody = [relayer, alice, deployer, stranger];
        bytes memory notAdmin =
            abi.encodeWithSelector(OfframpLedger.NotAuthorized.selector, Roles.DEFAULT_ADMIN);
        bytes memory notFreezer = abi.encodeWithSelector(OfframpLedger.NotAuthorized.selector, Roles.FREEZER);
        EndpointConfig memory p = custodyConfig();
        vm.prank(deployer);
        ledger.seal();
        for (uint256 i; i < nobody.length; ++i) {
            vm.startPrank(nobody[i]);
            vm.expectRevert(notAdmin);
            ledger.setEndpoint(p);
            vm.expectRevert(notAdmin);
            ledger.writeOff(custody, 0, true, "evidence");
            vm.expectRevert(notFreezer);
            ledger.deactivate(custody);
            vm.expectRevert(notFreezer);
            ledger.halt();
            vm.expectRevert(notAdmin);
            ledger.resume();
            vm.stopPrank();
        }
        address[2] memory guards = [warden, conserver];
        for (uint256 i; i < guards.length; ++i) {
            vm.startPrank(guards[i]);
            ledger.deactivate(custody);
            ledger.halt();
            vm.expectRevert(notAdmin);
            ledger.resume();
            vm.expectRevert(notAdmin);
            ledger.setEndpoint(p);
            vm.stopPrank();
        }
        vm.prank(warden);
        vm.expectRevert(notAdmin);
        ledger.writeOff(custody, 0, true, "evidence");
        vm.prank(conserver);
        ledger.writeOff(custody, 0, true, "evidence");
        vm.startPrank(admin);
        ledger.deactivate(custody);
        ledger.halt();
        ledger.resume();
        ledger.writeOff(custody, 0, true, "evidence");
        vm.stopPrank();
    }

    /// @dev The books of what moves are the Controller's, and nobody else's: not governance's, not the relayer's.
    function test_I23_only_the_controller_books_money() public {
        address[7] memory others = [admin, relayer, warden, conserver, alice, deployer, address(proxy)];
        for (uint256 i; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(OfframpLedger.NotController.selector);
            ledger.onSend(custody, address(usdc), 1);
            vm.expectRevert(OfframpLedger.NotController.selector);
            ledger.onClaim(custody, address(usdc), 1);
            vm.expectRevert(OfframpLedger.NotController.selector);
            ledger.takeCredit(custody, address(usdc));
            vm.stopPrank();
        }
    }

    // --- stops ---

    function test_deactivated_mid_flight_stays_claimable() public {
        send(custody, 600e6);
        vm.expectEmit(address(ledger));
        emit OfframpLedger.EndpointDeactivated(custody, warden);
        vm.prank(warden);
        ledger.deactivate(custody);

        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.EndpointInactive.selector, custody));
        pau.offramp_send(custody, address(usdc), 1, "ref");
        send(desk, 1e6); // the others go on

        acknowledge(custody, 500e18);
        giveBack(custodyBuffer, custody, 600e6);
        matchReturn(custody, 100e18, 500e18);
        assertBuckets(custody, 0, 0, 0);
        (, bool active) = ledger.endpointOf(custody);
        vm.assertFalse(active, "off");

        setEndpoint(custodyConfig());
        send(custody, 1e6);
    }

    function test_unknown_endpoints() public {
        vm.prank(warden);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.UnknownEndpoint.selector, stranger));
        ledger.deactivate(stranger);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.EndpointInactive.selector, stranger));
        pau.offramp_send(stranger, address(usdc), 1, "ref");
    }

    function test_halt_stops_all_but_the_way_home() public {
        send(custody, 600e6);
        usdc.mint(address(custodyBuffer), 100e6);
        vm.expectEmit(address(ledger));
        emit OfframpLedger.Halted(warden);
        vm.prank(warden);
        ledger.halt();

        vm.prank(relayer);
        vm.expectRevert(OfframpLedger.OfframpHalted.selector);
        pau.offramp_send(custody, address(usdc), 1, "ref");
        vm.expectRevert(OfframpLedger.OfframpHalted.selector);
        this.acknowledge_(custody, 1);
        vm.expectRevert(OfframpLedger.OfframpHalted.selector);
        this.matchReturn_(custody, 1, 0);
        vm.prank(relayer);
        pau.offramp_claim(custody, address(usdc));
        assertBuckets(custody, 600e18, 0, 100e18);
        book.setNav(1_000e18);
        vm.prank(conserver);
        ledger.writeOff(custody, 500e18, true, "evidence");

        vm.expectEmit(address(ledger));
        emit OfframpLedger.Resumed(admin);
        vm.prank(admin);
        ledger.resume();
        matchReturn(custody, 100e18, 0);
        assertBuckets(custody, 0, 0, 0);
        send(custody, 1e6);
    }

    function acknowledge_(address target, uint256 amount) external {
        acknowledge(target, amount);
    }

    function matchReturn_(address target, uint256 inFlight, uint256 position) external {
        matchReturn(target, inFlight, position);
    }

    function _refused(EndpointConfig memory p, bytes32 what) private {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.BadEndpoint.selector, what));
        ledger.setEndpoint(p);
    }
}

/// @notice Says what a buffer says and is none.
contract FakeBuffer {
    address public almProxy;

    constructor(address almProxy_) {
        almProxy = almProxy_;
    }

    function approveAsset(address) external { }
}
